import { useLayoutEffect, useRef } from 'preact/hooks';
import type { AdmittedPrompt } from '#shared/session.ts';
import { useChat } from '../controls/chat-context.ts';
import { Icon } from '../controls/icon.tsx';
import { QuietButton } from '../controls/quiet-button.tsx';
import type { Editing } from '../store/state.ts';
import { PromptBox } from '../transcript/prompt-box.tsx';
import { EditBox } from './edit-box.tsx';
import './inbox.css';

/** Prompts that are admitted and wait for the model, each with what becomes of it; they can be changed until then. */
export function Inbox(props: {
  readonly prompts: readonly AdmittedPrompt[];
  readonly editing: Editing | null;
}) {
  const { say } = useChat();
  const { prompts, editing } = props;
  if (prompts.length === 0) return null;
  return (
    <section class="inbox" aria-label={say('inbox.label')}>
      {prompts.map((prompt) => (
        <Waiting key={prompt.id} prompt={prompt} editing={editing?.id === prompt.id ? editing : null} />
      ))}
    </section>
  );
}

function Waiting({ prompt, editing }: { readonly prompt: AdmittedPrompt; readonly editing: Editing | null }) {
  const { say, post, dispatch } = useChat();
  const { id, sessionID, text, delivery } = prompt;
  const edit = useRef<HTMLSpanElement>(null);
  const wasEdited = useRef(false);
  // The box that had the focus is gone: it goes back to the button that opened it.
  useLayoutEffect(() => {
    if (editing) wasEdited.current = true;
    else if (wasEdited.current) edit.current?.querySelector('button')?.focus();
  }, [editing === null]);
  if (editing) return <EditBox prompt={prompt} editing={editing} />;
  return (
    <PromptBox
      id={id}
      text={text}
      state={
        <div class={`waiting-line${wasEdited.current ? '' : ' waiting-new'}`}>
          <span class="meta">{say(delivery === 'queue' ? 'transcript.queued' : 'transcript.steering')}</span>
          <span class="waiting-actions" ref={edit}>
            <QuietButton
              look="action"
              label={say('inbox.edit')}
              title={say('inbox.edit')}
              onClick={() => dispatch({ type: 'input.edited', editing: { id, was: text, text } })}
            >
              <Icon name="edit" />
            </QuietButton>
            <QuietButton
              look="action"
              label={say('inbox.cancel')}
              title={say('inbox.cancel')}
              onClick={() => post({ type: 'input.cancel', sessionID, messageID: id })}
            >
              <Icon name="close" />
            </QuietButton>
          </span>
        </div>
      }
    />
  );
}
