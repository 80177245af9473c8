import { HostError } from '#shared/host-error.ts';
import type { SessionID } from '#shared/ids.ts';
import { readHistory } from '../history/read-history.ts';
import { isOpenTurn } from '../runner/next-step.ts';
import type { SessionStore } from '../session-store.ts';
import { chooseTail } from './choose-tail.ts';

/**
 * Says why an idle session's history cannot be folded, before anything is done.
 * @throws HostError `session.unknown`, `compaction.nothing`, `compaction.reverted`, `compaction.waiting`
 */
export async function checkFoldable(id: SessionID, store: SessionStore): Promise<void> {
  const [session, history] = await Promise.all([store.read('session.get', id), readHistory(store, id)]);
  if (!session) throw new HostError('session.unknown', `There is no session ${id} in this folder's history.`);
  if (session.revert)
    throw refusal('reverted', 'A part of it is taken back: bring it back, or send a prompt.');
  if (history.some(isOpenTurn)) throw refusal('waiting', 'A call waits for your answer: answer it first.');
  if (chooseTail(history, 0).folded.length === 0)
    throw refusal('nothing', 'There is nothing in it yet that a summary could stand for.');
}

function refusal(why: string, text: string): HostError {
  return new HostError(`compaction.${why}`, `The conversation cannot be folded now. ${text}`);
}
