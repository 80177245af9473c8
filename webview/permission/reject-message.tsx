import { useLayoutEffect, useRef } from 'preact/hooks';
import { Button } from '../controls/button.tsx';
import { useChat } from '../controls/chat-context.ts';
import { Icon } from '../controls/icon.tsx';

/** A rejection with words: what the model should do instead. */
export function RejectMessage({ onSend }: { readonly onSend: (message: string) => void }) {
  const { say } = useChat();
  const box = useRef<HTMLInputElement>(null);
  // The user asked for this box, so the focus may follow.
  useLayoutEffect(() => box.current?.focus(), []);
  const send = () => onSend(box.current?.value.trim() ?? '');
  return (
    <div class="permission-message">
      <input
        ref={box}
        type="text"
        class="text-input"
        dir="auto"
        aria-label={say('permission.message')}
        placeholder={say('permission.message')}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.isComposing || event.keyCode === 229) return;
          event.preventDefault();
          send();
        }}
      />
      <Button kind="icon" label={say('permission.tell')} title={say('permission.tell')} onClick={send}>
        <Icon name="send" />
      </Button>
    </div>
  );
}
