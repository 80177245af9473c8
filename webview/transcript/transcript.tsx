import { useEffect } from 'preact/hooks';
import type { SessionView } from '#shared/fold.ts';
import type { AdmittedPrompt } from '#shared/session.ts';
import type { Connection } from '../connection/connect.ts';
import { Badge } from '../controls/badge.tsx';
import { useChat } from '../controls/chat-context.ts';
import { Icon } from '../controls/icon.tsx';
import { QuietButton } from '../controls/quiet-button.tsx';
import { PermissionCard } from '../permission/permission-card.tsx';
import type { SendingPrompt } from '../store/state.ts';
import { type Turn, turnsOf } from '../store/turns.ts';
import { Announcer } from './announcer.tsx';
import { JumpButton } from './jump-button.tsx';
import { PromptBox } from './prompt-box.tsx';
import { useStickyScroll } from './sticky-scroll.ts';
import { TurnView } from './turn.tsx';
import './transcript.css';

interface TranscriptProps {
  /** Null while the first prompt is on its way and its session is being made. */
  readonly view: SessionView | null;
  readonly sending: readonly SendingPrompt[];
  readonly hasOlder: boolean;
  readonly loadingOlder: boolean;
  readonly connection: Pick<Connection, 'keepScroll' | 'keptScroll'>;
}

const none: readonly never[] = [];

/** The conversation: a window of the session's last messages, then what is on its way. */
export function Transcript({ view, sending, hasOlder, loadingOlder, connection }: TranscriptProps) {
  const { say } = useChat();
  const messages = view?.messages ?? none;
  const turns = turnsOf(messages);
  const sessionID = view?.session.id ?? null;
  const requests = view?.permissions ?? none;
  const busy = view?.status.type === 'busy';
  const scroll = useStickyScroll({
    sessionID,
    firstKey: messages[0]?.info.id,
    kept: connection.keptScroll,
    keep: connection.keepScroll,
  });
  // Sending is the user's own gesture: it leads to the end.
  const newest = sending.at(-1)?.id;
  useEffect(() => {
    if (newest !== undefined) scroll.toEnd();
  }, [newest, scroll.toEnd]);

  return (
    <div class="transcript">
      <div
        class="scroller"
        role="log"
        aria-label={say('transcript.label')}
        aria-live="polite"
        aria-busy={busy && requests.length === 0}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        ref={scroll.scroller}
      >
        <div class="column" ref={scroll.content}>
          {hasOlder && view ? (
            <OlderButton view={view} loading={loadingOlder} onAsk={scroll.holdPlace} />
          ) : null}
          {view
            ? turns.map((turn) => (
                <TurnView key={turn.key} {...turnProps(turn, view, turn === turns.at(-1))} />
              ))
            : null}
          {turns.length === 0 && requests[0] ? (
            <PermissionCard key={requests[0].id} request={requests[0]} total={requests.length} />
          ) : null}
          {(view?.inbox ?? none).map((prompt) => (
            <PromptBox
              key={prompt.id}
              id={prompt.id}
              text={prompt.text}
              state={<Pending prompt={prompt} />}
            />
          ))}
          {sending.map((prompt) => (
            <PromptBox key={prompt.id} id={prompt.id} text={prompt.text} state={<Pending prompt={null} />} />
          ))}
        </div>
      </div>
      {scroll.atEnd ? null : (
        <JumpButton scroller={scroll.scroller} asking={requests.length > 0} onJump={scroll.toEnd} />
      )}
      <Announcer view={view} />
    </div>
  );
}

function turnProps(turn: Turn, view: SessionView, isLast: boolean) {
  return {
    id: turn.key,
    prompt: turn.prompt,
    entries: turn.entries,
    requests: isLast ? view.permissions : none,
    running: isLast && view.status.type === 'busy',
    isLast,
    sessionID: view.session.id,
  };
}

function OlderButton(props: {
  readonly view: SessionView;
  readonly loading: boolean;
  readonly onAsk: () => void;
}) {
  const { say, post, dispatch } = useChat();
  const { view, loading, onAsk } = props;
  const before = view.messages[0]?.info.id;
  if (before === undefined) return null;
  const ask = () => {
    if (loading) return;
    onAsk();
    dispatch({ type: 'older.asked' });
    post({ type: 'older.load', sessionID: view.session.id, before });
  };
  return (
    <QuietButton look="older" onClick={ask}>
      {loading ? <Icon name="loading" /> : null}
      {say('transcript.older')}
    </QuietButton>
  );
}

/** A prompt that is not in history yet says why. */
function Pending({ prompt }: { readonly prompt: AdmittedPrompt | null }) {
  const { say } = useChat();
  if (prompt === null) return <p class="pending">{say('transcript.sending')}</p>;
  return (
    <p class="pending">
      <Badge>{say(prompt.delivery === 'queue' ? 'transcript.queued' : 'transcript.steering')}</Badge>
    </p>
  );
}
