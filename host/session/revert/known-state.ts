import type { SessionID } from '#shared/ids.ts';
import type { Session } from '#shared/session.ts';
import { type FileChange, isSameContent } from '../../snapshot/file-state.ts';
import type { SessionStore } from '../session-store.ts';
import type { PlannedFile } from './restore-files.ts';

/**
 * What the session itself did to files in what is taken back. Where a revert was broken off they may stand in any of
 * these states: with a revert before it, where that one had brought them.
 */
export async function ownChanges(
  { id, revert }: Pick<Session, 'revert'> & { readonly id: SessionID },
  store: Pick<SessionStore, 'read'>,
): Promise<readonly FileChange[]> {
  if (!revert) return [];
  return (await store.read('session.taken-back', { id, from: revert.messageID })).changes;
}

/** A file that stands as the session itself had it is nobody else's work: its content is kept. */
export function asKnown(file: PlannedFile, own: readonly FileChange[]): PlannedFile {
  const { current, path } = file;
  if (!current) return file;
  const states = own.filter((change) => change.path === path).flatMap(({ before, after }) => [before, after]);
  const isKnown = states.some((state) => isSameContent(state, current.state));
  return isKnown ? { ...file, expected: current.state } : file;
}
