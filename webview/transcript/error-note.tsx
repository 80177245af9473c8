import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { errorWords } from '#shared/error-words.ts';
import type { SessionID } from '#shared/ids.ts';
import type { MessageError } from '#shared/message.ts';
import type { PageWord } from '#shared/page-words.ts';
import type { FromWebview } from '#shared/protocol.ts';
import { Button } from '../controls/button.tsx';
import { useChat } from '../controls/chat-context.ts';
import { formatDuration } from '../controls/format.ts';
import { Icon } from '../controls/icon.tsx';
import { QuietButton } from '../controls/quiet-button.tsx';

/** Errors that a change of the configuration mends. */
const mendedInConfig = new Set(['auth', 'model-unknown', 'model-unusable', 'credential-withheld']);
/** Errors that another model mends. */
const mendedByModel = new Set([
  'model-none',
  'model-unknown',
  'model-unusable',
  'model-not-found',
  'model-denied',
  'quota',
]);
/** Not faults but limits: one goes on, one does not try again. */
const goesOn = new Set(['output-limit', 'steps']);

/** An error in the conversation: what happened, what to do next, the button that does it, and the details. */
export function ErrorNote(props: {
  readonly error: MessageError;
  readonly onRetry: (() => void) | null;
  readonly sessionID: SessionID;
  /** Stands quietly in the corner. */
  readonly action: ComponentChildren;
}) {
  const { say, post } = useChat();
  const { error, onRetry, sessionID, action } = props;
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
          <Mending error={error} sessionID={sessionID} isLast={onRetry !== null} />
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

/** The buttons that do what the note advises. */
function Mending(props: {
  readonly error: MessageError;
  readonly sessionID: SessionID;
  readonly isLast: boolean;
}) {
  const { say, post } = useChat();
  const { error, sessionID, isLast } = props;
  const { code, providerID = null } = error.data;
  const isWithheld = isLast && code === 'credential-withheld';
  const button = (words: PageWord, message: FromWebview) => (
    <QuietButton look="link" onClick={() => post(message)}>
      {say(words)}
    </QuietButton>
  );
  return (
    <>
      {code === 'auth' ? button('error.auth.sign-in', { type: 'account.sign-in', providerID }) : null}
      {isWithheld ? button('error.credential-withheld.allow', { type: 'endpoint.consent', sessionID }) : null}
      {mendedByModel.has(code) ? button('empty.provider.choose', { type: 'model.choose' }) : null}
      {mendedInConfig.has(code) ? button('empty.provider.action', { type: 'config.open' }) : null}
    </>
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
