import type { MessageID, SessionID } from '#shared/ids.ts';
import { useChat } from '../controls/chat-context.ts';
import { CopyButton } from '../controls/copy-button.tsx';
import { Icon } from '../controls/icon.tsx';
import { QuietButton } from '../controls/quiet-button.tsx';

/** What can be done from a prompt of history; seen while the pointer or the focus is there. */
export function PromptActions(props: {
  readonly sessionID: SessionID;
  readonly messageID: MessageID;
  readonly text: string;
}) {
  const { say, post } = useChat();
  const { sessionID, messageID, text } = props;
  return (
    <div class="prompt-actions">
      <QuietButton
        look="action"
        label={say('prompt.revert')}
        title={say('prompt.revert')}
        onClick={() => post({ type: 'session.revert', sessionID, messageID })}
      >
        <Icon name="discard" />
      </QuietButton>
      <QuietButton
        look="action"
        label={say('prompt.fork')}
        title={say('prompt.fork')}
        onClick={() => post({ type: 'session.fork', sessionID, messageID })}
      >
        <Icon name="repo-forked" />
      </QuietButton>
      <CopyButton text={text} label={say('prompt.copy')} />
    </div>
  );
}
