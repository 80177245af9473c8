import type { SessionID } from '#shared/ids.ts';
import type { MessageWithParts } from '#shared/session.ts';
import type { SessionStore } from '../session-store.ts';
import { parseMessages } from './messages-text.ts';

/** Session History as a provider turn gets it, reloaded from the store: after Compaction, epoch and revert (RT-04). */
export async function readHistory(
  store: Pick<SessionStore, 'read'>,
  id: SessionID,
): Promise<readonly MessageWithParts[]> {
  return parseMessages(await store.read('session.history', id));
}
