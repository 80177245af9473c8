import { HostError } from '#shared/host-error.ts';
import type { SessionID } from '#shared/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SessionStore } from '../session-store.ts';
import { unknownSession } from './export-session.ts';

export interface TitleWorld {
  readonly store: SessionStore;
  readonly clock: Clock;
}

const longestTitle = 200;

/** A title as it is kept: one line of at most 200 characters; empty when nothing is left of it. */
export function titleLine(title: string): string {
  const line = title.toWellFormed().replace(blanks, ' ').trim();
  return line.length <= longestTitle
    ? line
    : `${line
        .slice(0, longestTitle - 1)
        .toWellFormed()
        .trimEnd()}…`;
}

const blanks = /\s+/g;

/**
 * Gives a session the title that the user chose.
 * @throws HostError `session.title-empty`, `session.unknown`
 */
export async function renameSession(
  sessionID: SessionID,
  title: string,
  { store, clock }: TitleWorld,
): Promise<void> {
  const line = titleLine(title);
  if (line === '') throw new HostError('session.title-empty', 'The title is empty: type a name for it.');
  if (!(await store.read('session.get', sessionID))) throw unknownSession(sessionID);
  await store.commit([{ type: 'session.retitled', sessionID, title: line, by: 'user', time: clock.now() }]);
}

/**
 * Puts a session away, or back among the others.
 * @throws HostError `session.unknown`
 */
export async function archiveSession(
  sessionID: SessionID,
  archived: boolean,
  { store, clock }: TitleWorld,
): Promise<void> {
  if (!(await store.read('session.get', sessionID))) throw unknownSession(sessionID);
  await store.commit([{ type: 'session.archived', sessionID, archived, time: clock.now() }]);
}

/** The title of a fork: the title it came from with the first number that is free. */
export function forkTitle(title: string, taken: readonly string[]): string {
  const base = title.replace(forkMark, '');
  for (let number = 1; ; number++) {
    const made = markedTitle(base, ` (fork ${number})`);
    if (!taken.includes(made)) return made;
  }
}

/** A title that ends with a mark, whole, however long the rest is. */
export function markedTitle(title: string, mark: string): string {
  return titleLine(
    `${titleLine(title)
      .slice(0, Math.max(longestTitle - mark.length, 0))
      .toWellFormed()
      .trimEnd()}${mark}`,
  );
}

const forkMark = / \(fork \d+\)$/;
