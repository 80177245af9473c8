import { useLayoutEffect, useRef } from 'preact/hooks';
import type { AdmittedPrompt } from '#shared/session.ts';
import { Button } from '../controls/button.tsx';
import { useChat } from '../controls/chat-context.ts';
import { fieldKey } from '../controls/field-key.ts';
import type { Editing } from '../store/state.ts';

/** A waiting prompt with its text open for editing. Enter saves, Escape leaves it as it was. */
export function EditBox({ prompt, editing }: { readonly prompt: AdmittedPrompt; readonly editing: Editing }) {
  const { say, post, dispatch } = useChat();
  const { id, sessionID } = prompt;
  const box = useRef<HTMLTextAreaElement>(null);
  // The user opened it: the focus goes with it, to the end of the text.
  useLayoutEffect(() => {
    box.current?.focus();
    box.current?.setSelectionRange(editing.text.length, editing.text.length);
  }, []);
  const close = () => dispatch({ type: 'input.edited', editing: null });
  const save = () => {
    const text = editing.text.trim();
    if (text === '') return;
    if (text !== editing.was) post({ type: 'input.edit', sessionID, messageID: id, text });
    close();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const key = fieldKey(event);
    if (key === 'none') return;
    event.preventDefault();
    if (key === 'accept') save();
    else close();
  };
  return (
    <div class="prompt prompt-edited">
      <textarea
        ref={box}
        class="text-input"
        rows={1}
        dir="auto"
        aria-label={say('inbox.text')}
        defaultValue={editing.text}
        onInput={({ currentTarget }) =>
          dispatch({ type: 'input.edited', editing: { ...editing, text: currentTarget.value } })
        }
        onKeyDown={onKeyDown}
      />
      <div class="edit-actions">
        <Button kind="secondary" disabled={editing.text.trim() === ''} onClick={save}>
          {say('inbox.save')}
        </Button>
        <Button kind="text" onClick={close}>
          {say('inbox.discard')}
        </Button>
      </div>
    </div>
  );
}
