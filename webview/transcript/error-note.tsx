import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { errorWords } from '#shared/error-words.ts';
import type { MessageError } from '#shared/message.ts';
import { Button } from '../controls/button.tsx';
import { useChat } from '../controls/chat-context.ts';
import { formatDuration } from '../controls/format.ts';
import { Icon } from '../controls/icon.tsx';
import { QuietButton } from '../controls/quiet-button.tsx';

/** Errors that a change of the configuration mends. */
const mendedInConfig = new Set([
  'auth',
  'model-none',
  'model-unknown',
  'model-unusable',
  'model-not-found',
  'credential-withheld',
]);
/** Not faults but limits: one goes on, one does not try again. */
const goesOn = new Set(['output-limit', 'steps']);

/** An error in the conversation: what happened, what to do next, the button that does it, and the details. */
export function ErrorNote(props: {
  readonly error: MessageError;
  readonly onRetry: (() => void) | null;
  /** Stands quietly in the corner. */
  readonly action: ComponentChildren;
}) {
  const { say, post } = useChat();
  const { error, onRetry, action } = props;
  const { code, retryAfterMs } = error.data;
  const { happened, next, args } = errorWords(error);
  const known = happened !== 'error.unknown';
  return (
    <div class="note note-error">
      <Icon name="error" tone="error" />
      <div class="note-text">
        <strong>{say(happened, args)}</strong>
        <p>
          {retryAfterMs === undefined
            ? say(next, args)
            : say('error.rate-limit.after', [formatDuration(retryAfterMs)])}
        </p>
        <div class="note-actions">
          {onRetry ? (
            <Button kind="secondary" onClick={onRetry}>
              {say(goesOn.has(code) ? 'run.continue' : 'run.retry')}
            </Button>
          ) : null}
          {mendedInConfig.has(code) ? (
            <QuietButton look="link" onClick={() => post({ type: 'config.open' })}>
              {say('empty.provider.action')}
            </QuietButton>
          ) : null}
          {known ? null : (
            <QuietButton look="link" onClick={() => post({ type: 'log.show' })}>
              {say('command.show-log')}
            </QuietButton>
          )}
        </div>
        <ErrorDetails error={error} />
      </div>
      {action}
    </div>
  );
}

/** The provider's own wording, folded: useful to who mends it, noise to everybody else. */
function ErrorDetails({ error }: { readonly error: MessageError }) {
  const { say } = useChat();
  const [open, setOpen] = useState(false);
  const { code, message, statusCode, endpoint, requestID } = error.data;
  const facts = [statusCode, code, endpoint, requestID].filter((fact) => fact !== undefined).join(' · ');
  return (
    <>
      <QuietButton look="line-toggle" expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={open ? 'chevron-down' : 'chevron-right'} />
        {say('error.details')}
      </QuietButton>
      {open ? (
        <div class="error-details" dir="auto">
          <p class="meta">{facts}</p>
          <pre>{message}</pre>
        </div>
      ) : null}
    </>
  );
}
