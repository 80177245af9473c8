import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Session } from '#shared/session.ts';
import { useChat } from '../controls/chat-context.ts';
import { fieldKey } from '../controls/field-key.ts';

/** A title, open for editing in its place. Enter and leaving the field keep it, Escape does not. */
export function TitleField({ session, onDone }: { readonly session: Session; readonly onDone: () => void }) {
  const { say, post } = useChat();
  const field = useRef<HTMLInputElement>(null);
  const left = useRef(false);
  useLayoutEffect(() => field.current?.select(), []);
  const end = (accept: boolean) => {
    if (left.current) return;
    left.current = true;
    const title = field.current?.value.trim() ?? '';
    if (accept && title !== '' && title !== session.title) {
      post({ type: 'session.rename', sessionID: session.id, title });
    }
    onDone();
  };
  return (
    <input
      ref={field}
      type="text"
      class="text-input"
      dir="auto"
      maxLength={200}
      aria-label={say('session.title')}
      placeholder={say('session.untitled')}
      defaultValue={session.title}
      onBlur={() => end(true)}
      onKeyDown={(event) => {
        const key = fieldKey(event);
        if (key === 'none') return;
        event.preventDefault();
        event.stopPropagation();
        end(key === 'accept');
      }}
    />
  );
}

/**
 * Whether a title is being edited in its place. A field that is left by a key had the focus: what stands in its place
 * then gets it, the first button in `place`. One that was left by the pointer does not take it back.
 */
export function useRenaming<Place extends HTMLElement>() {
  const [renaming, setRenaming] = useState(false);
  const place = useRef<Place>(null);
  const done = () => {
    const hadFocus = place.current?.contains(document.activeElement);
    setRenaming(false);
    if (hadFocus) requestAnimationFrame(() => place.current?.querySelector('button')?.focus());
  };
  return { renaming, place, done, begin: () => setRenaming(true) };
}
