import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { SessionID } from '#shared/ids.ts';
import type { Notice } from '#shared/notice.ts';
import type { Choices } from '#shared/protocol.ts';
import type { Session } from '#shared/session.ts';
import { Banner } from '../controls/banner.tsx';
import { Button } from '../controls/button.tsx';
import { useChat } from '../controls/chat-context.ts';
import { Icon } from '../controls/icon.tsx';
import { memo } from '../controls/memo.ts';
import { Menu } from '../controls/menu.tsx';
import type { Draft, Refusal } from '../store/state.ts';
import { Pickers } from './pickers.tsx';
import { isCompact, nextAgent, promptKey, submissionOf } from './submit.ts';
import { Usage } from './usage.tsx';
import './composer.css';

interface ComposerProps {
  readonly draft: Draft;
  readonly choices: Choices;
  readonly sessionID: SessionID | null;
  readonly busy: boolean;
  /** The first prompt's session is being made: a second prompt waits for it in the box. */
  readonly held: boolean;
  readonly refusal: Refusal | null;
  readonly focusRequests: number;
  readonly lastPrompt: string;
  readonly tokens: number | undefined;
  readonly session: Session | null;
}

/** The prompt box with what its prompt will be sent with. Streaming never touches it. */
export const Composer = memo((props: ComposerProps) => {
  const { say, post, dispatch } = useChat();
  const { draft, choices, sessionID, busy, held, refusal, focusRequests, lastPrompt } = props;
  const [announced, setAnnounced] = useState('');
  const box = useBox(draft, focusRequests);
  const empty = draft.text === '';

  const send = (delivery: 'steer' | 'queue') => {
    if (isCompact(draft.text)) {
      compact();
      return;
    }
    const submission = held ? null : submissionOf({ draft, sessionID, choices, delivery });
    if (!submission) return;
    dispatch({ type: 'prompt.sent', prompt: submission.prompt });
    post(submission.message);
  };
  const compact = () => {
    dispatch({ type: 'draft.replaced', text: '' });
    if (sessionID) post({ type: 'session.compact', sessionID });
    else dispatch({ type: 'notice.shown', notice: nothingToCompact });
  };
  const switchAgent = (event: KeyboardEvent) => {
    const agent = nextAgent(choices);
    if (agent === null) return;
    event.preventDefault();
    dispatch({ type: 'choices.changed', agent, model: choices.model });
    post({ type: 'choices.change', agent, model: choices.model });
    setAnnounced(say('picker.agent.changed', [agent]));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const action = promptKey(event, empty);
    if (action === 'next-agent') switchAgent(event);
    if (action === 'send' || action === 'queue') {
      event.preventDefault();
      send(action === 'queue' ? 'queue' : 'steer');
    }
    if (action === 'recall' && lastPrompt !== '') {
      event.preventDefault();
      dispatch({ type: 'draft.replaced', text: lastPrompt });
    }
  };

  return (
    <div class="composer">
      {refusal ? (
        <Banner level="error">{say('prompt.refused', [refusal.detail || refusal.code])}</Banner>
      ) : null}
      <div class="composer-box">
        <textarea
          ref={box}
          id="prompt"
          rows={1}
          dir="auto"
          aria-label={say('prompt.label')}
          aria-describedby="prompt-hint"
          placeholder={say(busy ? 'prompt.placeholder.steer' : 'prompt.placeholder')}
          onInput={(event) => dispatch({ type: 'draft.typed', text: event.currentTarget.value })}
          onKeyDown={onKeyDown}
        />
        <div class="composer-bar">
          <Pickers choices={choices} />
          <Usage choices={choices} tokens={props.tokens} session={props.session} />
          <SendButtons
            sessionID={busy ? sessionID : null}
            empty={empty}
            onSend={send}
            afterwards={() => box.current?.focus()}
          />
        </div>
      </div>
      <span id="prompt-hint" class="visually-hidden">
        {say('prompt.hint')}
      </span>
      <span class="visually-hidden" role="status">
        {announced || null}
      </span>
    </div>
  );
});

interface SendButtonsProps {
  /** The session that runs and can be stopped. */
  readonly sessionID: SessionID | null;
  readonly empty: boolean;
  readonly onSend: (delivery: 'steer' | 'queue') => void;
  /** The button that was pressed may be gone: the focus goes back to the box. */
  readonly afterwards: () => void;
}

const nothingToCompact: Notice = {
  key: 'compact',
  level: 'info',
  code: 'compact.nothing',
  data: {},
};

/** While a turn runs, Stop stands beside Send, which then steers. */
function SendButtons({ sessionID, empty, onSend, afterwards }: SendButtonsProps) {
  const { say, post } = useChat();
  const send = (delivery: 'steer' | 'queue') => {
    onSend(delivery);
    afterwards();
  };
  return (
    <>
      {sessionID ? (
        <Button
          kind="icon"
          label={say('prompt.stop')}
          title={say('prompt.stop')}
          onClick={() => {
            post({ type: 'run.stop', sessionID });
            afterwards();
          }}
        >
          <Icon name="stop-circle" />
        </Button>
      ) : null}
      <Button
        kind="icon"
        label={say('prompt.send')}
        title={say(sessionID ? 'prompt.send.steer' : 'prompt.send.hint')}
        disabled={empty}
        onClick={() => send('steer')}
      >
        <Icon name="send" />
      </Button>
      {sessionID && !empty ? (
        <Menu
          label={say('prompt.ways')}
          look="action ways"
          items={[
            { label: say('prompt.ways.steer'), shortcut: 'Enter', onPick: () => send('steer') },
            { label: say('prompt.ways.queue'), shortcut: 'Alt+Enter', onPick: () => send('queue') },
          ]}
        >
          <Icon name="chevron-down" />
        </Menu>
      ) : null}
    </>
  );
}

/** The box is uncontrolled: it is written to only when something else than typing changed the draft. */
function useBox(draft: Draft, focusRequests: number) {
  const box = useRef<HTMLTextAreaElement>(null);
  // The revision says when to write, not the text: typing is in the box already.
  useLayoutEffect(() => {
    const element = box.current;
    if (!element || element.value === draft.text) return;
    element.value = draft.text;
    element.setSelectionRange(draft.text.length, draft.text.length);
  }, [draft.revision]);
  useEffect(() => {
    if (focusRequests > 0) box.current?.focus();
  }, [focusRequests]);
  return box;
}
