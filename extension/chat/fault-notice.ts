import { hasCode } from '#shared/host-error.ts';
import type { Notice } from '#shared/notice.ts';

/** What the chat says when something that the user asked for failed; the next state takes it away. */
export function faultNotice(error: unknown): Notice {
  const common = { key: 'chat', level: 'error' } as const;
  if (hasCode(error, 'location.none') && error.data['0'] !== undefined)
    return { ...common, code: error.code, data: error.data };
  const text = error instanceof Error ? error.message : String(error);
  // The text stands in a sentence that has its own full stop.
  return { ...common, code: 'chat.failed', data: { '0': text.endsWith('.') ? text.slice(0, -1) : text } };
}
