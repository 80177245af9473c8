import { useEffect } from 'preact/hooks';
import type { SessionView } from '#shared/fold.ts';
import type { Connection } from '../connection/connect.ts';
import { useChat } from '../controls/chat-context.ts';
import { Icon } from '../controls/icon.tsx';
import { QuietButton } from '../controls/quiet-button.tsx';
import { Inbox } from '../inbox/inbox.tsx';
import { PermissionCard } from '../permission/permission-card.tsx';
import type { Editing, SendingPrompt } from '../store/state.ts';
import { standing, type Turn, turnsOf } from '../store/turns.ts';
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
  readonly editing: Editing | null;
  readonly hasOlder: boolean;
  readonly loadingOlder: boolean;
  readonly connection: Pick<Connection, 'keepScroll' | 'keptScroll'>;
}

const none: readonly never[] = [];

/** The conversation: a window of the session's last messages, then what is on its way. */
export function Transcript({ view, sending, editing, hasOlder, loadingOlder, connection }: TranscriptProps) {
  const { say } = useChat();
  const messages = view?.messages ?? none;
  const turns = turnsOf(view ? standing(view) : none);
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
          <Inbox prompts={view?.inbox ?? none} editing={editing} />
          {sending.map(({ id, text }) => (
            <PromptBox
              key={id}
              id={id}
              text={text}
              state={<p class="pending">{say('transcript.sending')}</p>}
            />
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
