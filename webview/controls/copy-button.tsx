import { useState } from 'preact/hooks';
import { useChat } from './chat-context.ts';
import { Icon } from './icon.tsx';
import { QuietButton } from './quiet-button.tsx';

/** Copies a text; says so until the pointer or the focus leaves, so that no timer is needed. */
export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const { say } = useChat();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await writeClipboard(text);
    setCopied(true);
  };
  return (
    <span class="copy">
      <QuietButton
        look="action"
        label={label}
        title={copied ? say('transcript.copied') : label}
        onClick={copy}
        onLeave={() => setCopied(false)}
      >
        <Icon name={copied ? 'check' : 'copy'} />
      </QuietButton>
      <span class="visually-hidden" role="status">
        {copied ? say('transcript.copied') : null}
      </span>
    </span>
  );
}

/** Writes to the clipboard; a frame without the permission for it copies a selection instead. */
async function writeClipboard(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'visually-hidden';
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
}
