import { HostError } from '#shared/host-error.ts';
import type { SessionID } from '#shared/ids.ts';
import type { MessageWithParts, Session } from '#shared/session.ts';
import type { SessionStore } from '../session-store.ts';
import type { SessionFile } from './session-file.ts';

export interface ExportWorld {
  readonly store: Pick<SessionStore, 'read'>;
}

const pageSize = 200;

/**
 * A session and those below it as one JSON value. What is taken back is not in it; a turn that runs is in it as far as
 * the store has it, and so is what waits in the inbox. Works on a store that is open for reading only.
 * @throws HostError `session.unknown`
 */
export async function exportSession(id: SessionID, { store }: ExportWorld): Promise<SessionFile> {
  const all = await store.read('session.list');
  const session = all.find((each) => each.id === id);
  if (!session) throw unknownSession(id);
  return fileOf(session, all, store);
}

export function unknownSession(id: SessionID): HostError {
  return new HostError('session.unknown', `There is no session ${id} in this folder's history.`);
}

async function fileOf(
  { revert, ...info }: Session,
  all: readonly Session[],
  store: ExportWorld['store'],
): Promise<SessionFile> {
  const messages = standing(await allMessages(info.id, store), revert);
  const ids = new Set(messages.map((message) => message.info.id));
  const compactions = await store.read('session.compactions', info.id);
  const inbox = await store.read('session.inbox', info.id);
  const below = all.filter(({ parentID }) => parentID === info.id);
  const children: SessionFile[] = [];
  for (const child of below.toSorted((a, b) => a.time.created - b.time.created)) {
    children.push(await fileOf(child, all, store));
  }
  return {
    format: 'millrace-session',
    version: 1,
    info,
    messages,
    compactions: compactions.filter(({ summary }) => ids.has(summary)),
    ...(inbox.length > 0 && { inbox }),
    children,
  };
}

/** Every message of a session, in order; page by page, so that the store answers others in between. */
export async function allMessages(
  id: SessionID,
  store: ExportWorld['store'],
): Promise<readonly MessageWithParts[]> {
  const pages: (readonly MessageWithParts[])[] = [];
  for (let hasOlder = true; hasOlder; ) {
    const before = pages.at(-1)?.[0]?.info.id;
    const page = await store.read('session.window', { id, limit: pageSize, ...(before && { before }) });
    pages.push(page.messages);
    hasOlder = page.hasOlder;
  }
  return pages.toReversed().flat();
}

/** Messages without those that are taken back. */
export function standing(
  messages: readonly MessageWithParts[],
  revert: Session['revert'],
): readonly MessageWithParts[] {
  const end = messages.findIndex(({ info }) => info.id === revert?.messageID);
  return end === -1 ? messages : messages.slice(0, end);
}
