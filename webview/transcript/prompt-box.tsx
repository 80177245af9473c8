import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { MessageID, SessionID } from '#shared/ids.ts';
import { useChat } from '../controls/chat-context.ts';
import { memo } from '../controls/memo.ts';
import { QuietButton } from '../controls/quiet-button.tsx';
import { PromptActions } from './prompt-actions.tsx';

/** What the user wrote: the only boxed text. A long one is folded. */
export const PromptBox = memo(
  (props: {
    readonly id: MessageID;
    readonly text: string;
    readonly state?: ComponentChildren;
    /** The session whose history has it: then it can be copied, forked from and taken back to. */
    readonly sessionID?: SessionID;
  }) => {
    const { say } = useChat();
    const [whole, setWhole] = useState(false);
    const { id, text, state, sessionID } = props;
    const long = isLong(text);
    return (
      <article aria-label={say('transcript.you')} class="prompt" data-message={id}>
        <div class={`prompt-text${long && !whole ? ' prompt-folded' : ''}`} dir="auto">
          {text}
        </div>
        {long ? (
          <QuietButton look="more" expanded={whole} onClick={() => setWhole(!whole)}>
            {say(whole ? 'transcript.less' : 'transcript.more')}
          </QuietButton>
        ) : null}
        {state}
        {sessionID ? <PromptActions sessionID={sessionID} messageID={id} text={text} /> : null}
      </article>
    );
  },
);

function isLong(text: string): boolean {
  return text.length > 1_500 || text.split('\n', 16).length > 15;
}
