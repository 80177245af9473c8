import { hasCode } from '#shared/host-error.ts';
import type { SessionID } from '#shared/ids.ts';
import type { Session } from '#shared/session.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { LocationServices } from '../location-services.ts';
import type { SessionEvent } from '../session-events.ts';
import type { SessionStore } from '../session-store.ts';
import { titlePlan, writeTitle } from './write-title.ts';

export interface TitlesOptions {
  /** Its facts say when a session's first turn has ended well. */
  readonly store: SessionStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly locate: (session: Session) => Promise<LocationServices>;
}

/**
 * Has the hidden agent write a title for each session whose first turn has ended well: beside the drains, which know
 * nothing of it. Nothing is sent before that turn was, so that no prompt goes anywhere that a turn did not. A title that
 * somebody chose stands, whenever it came; a failure is logged, and not tried again. Disposing aborts what runs.
 */
export function createTitles(options: TitlesOptions): AsyncDisposable {
  const { store, log } = options;
  const seen = new Set<SessionID>();
  const stop = new AbortController();
  const underWay = new Set<Promise<void>>();
  const begin = async (id: SessionID) => {
    try {
      await nameSession(id, options, stop.signal);
    } catch (error) {
      // The host closes, or the session was deleted meanwhile.
      if (stop.signal.aborted || hasCode(error, 'store.conflict')) return;
      log.error('A title was not written', error, { sessionID: id });
    }
  };
  const subscription = store.subscribe((committed) => {
    for (const { event } of committed) {
      const id = endedWell(event);
      if (id === undefined || seen.has(id)) continue;
      seen.add(id);
      const work = begin(id).finally(() => underWay.delete(work));
      underWay.add(work);
    }
  });
  return {
    async [Symbol.asyncDispose]() {
      subscription[Symbol.dispose]();
      stop.abort(new Error('The host is closing'));
      await Promise.all(underWay);
    },
  };
}

/** The session whose provider turn this fact ends without an error. */
function endedWell(event: SessionEvent): SessionID | undefined {
  if (event.type !== 'session.turn.ended') return undefined;
  const { error, summary, sessionID } = event.info;
  return error || summary ? undefined : sessionID;
}

async function nameSession(
  id: SessionID,
  { store, clock, log, locate }: TitlesOptions,
  signal: AbortSignal,
): Promise<void> {
  const [session, { prompt, goodTurns }] = await Promise.all([
    store.read('session.get', id),
    store.read('session.opening', id),
  ]);
  if (!session || !isNameless(session) || prompt === undefined || goodTurns !== 1) return;
  const plan = titlePlan(session, await (await locate(session)).current());
  if (!plan) return;
  const written = await writeTitle(plan, { prompt, sessionID: id }, { signal });
  if (written.type === 'failed') {
    log.info('A title was not written', { sessionID: id, code: written.code });
    return;
  }
  const { title, spent } = written;
  await store.commit([
    { type: 'session.retitled', sessionID: id, title, by: 'agent', spent, time: clock.now() },
  ]);
}

/** Its title is still the first words of its first prompt. Child sessions and forks have one that says whose they are. */
function isNameless({ titledBy, parentID, forkedFrom }: Session): boolean {
  return titledBy === undefined && parentID === undefined && forkedFrom === undefined;
}
