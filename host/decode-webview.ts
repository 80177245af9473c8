import * as Schema from 'effect/Schema';
import { HostError } from '#shared/host-error.ts';
import { FromWebview } from '#shared/protocol.ts';

const decode = Schema.decodeUnknownResult(FromWebview);

/** Decodes a message of a chat page, strictly: a page is not trusted. @throws HostError `webview.invalid-message` */
export function decodeFromWebview(message: unknown): FromWebview {
  const decoded = decode(message, { onExcessProperty: 'error' });
  if (decoded._tag === 'Success') return decoded.success;
  throw new HostError(
    'webview.invalid-message',
    `A message of the chat page is not valid: ${decoded.failure.message}`,
  );
}
