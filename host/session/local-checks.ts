import type { AssistantMessage } from '#shared/message.ts';
import type { Notice } from '#shared/notice.ts';
import { modelName } from '#shared/parse-model.ts';
import type { Session } from '#shared/session.ts';
import type { CatalogModel } from '../catalog/catalog.ts';
import { checkLocal, isLocal, type LocalFinding } from '../catalog/local/check-local.ts';
import type { Fetch } from '../llm/framing/exchange.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { LocationServices } from './location-services.ts';
import type { Notices } from './notices.ts';
import type { SessionEvent } from './session-events.ts';
import type { SessionStore } from './session-store.ts';

export interface LocalChecksOptions {
  /** Its facts say when a turn on a model starts, and how it ends. */
  readonly store: SessionStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly notices: Notices;
  readonly locate: (session: Session) => Promise<LocationServices>;
  readonly fetch?: Fetch;
}

/** How the last turn on a model went, as far as it is known. */
type Phase = 'started' | 'failed' | 'answered';

/** A model that had a turn, and what was last told of it. */
interface Checked {
  /** The last one of note. */
  turn: Turn;
  phase: Phase;
  /** A turn that ends well leaves something to look at again. */
  isOpen: boolean;
  running: Promise<void> | undefined;
  /** Something happened since it was last looked at. */
  isStale: boolean;
}

/**
 * Looks at the server of a local model when a session's first turn on it starts, and when a turn on it could not reach
 * it, did not understand it or was told that it has no such model: beside the drains, which never wait for it. What is in the way is told by
 * notices, which go once it is not any more (LM-14). Disposing aborts what runs.
 */
export function createLocalChecks(options: LocalChecksOptions): AsyncDisposable {
  const { store, log } = options;
  const stop = new AbortController();
  const seen = new Set<string>();
  const checks = new Map<string, Checked>();

  const look = async (checked: Checked) => {
    try {
      while (checked.isStale) {
        checked.isStale = false;
        const model = await localModel(checked.turn, options);
        const world = { ...options, signal: stop.signal };
        if (model) tell(await checkLocal(model, world), checked, options.notices);
      }
    } catch (error) {
      // The host closes.
      if (!stop.signal.aborted) log.error('A local model was not looked at', error, { ...checked.turn });
    } finally {
      checked.running = undefined;
    }
  };
  const follow = (turn: Turn, phase: Phase) => {
    const name = modelName(turn);
    const checked = checks.get(name) ?? { turn, phase, isOpen: false, running: undefined, isStale: false };
    checks.set(name, checked);
    // What answers and was found in order is left alone.
    if (phase === 'answered' && !checked.running && !checked.isOpen) return;
    Object.assign(checked, { turn, phase, isStale: true });
    checked.running ??= look(checked);
  };
  const subscription = store.subscribe((committed) => {
    for (const { event } of committed) {
      const happened = turnOf(event);
      if (!happened || (happened.phase === 'started' && isSeen(happened.turn, seen))) continue;
      follow(happened.turn, happened.phase);
    }
  });
  return {
    async [Symbol.asyncDispose]() {
      subscription[Symbol.dispose]();
      stop.abort(new Error('The host is closing'));
      await Promise.all([...checks.values()].map(({ running }) => running));
    },
  };
}

type Turn = Pick<AssistantMessage, 'sessionID' | 'providerID' | 'modelID'>;

/** What a fact says of a turn on a model; undefined for what says nothing about its server. */
function turnOf(event: SessionEvent): { readonly turn: Turn; readonly phase: Phase } | undefined {
  if (event.type !== 'session.turn.started' && event.type !== 'session.turn.ended') return undefined;
  const { sessionID, providerID, modelID, error } = event.info;
  const turn = { sessionID, providerID, modelID };
  if (event.type === 'session.turn.started') return { turn, phase: 'started' };
  if (!error) return { turn, phase: 'answered' };
  return telling.has(error.data.code) ? { turn, phase: 'failed' } : undefined;
}

/** Failures that a look at the server may explain. */
const telling: ReadonlySet<string> = new Set([
  'unreachable',
  'timeout',
  'stream-cut',
  'protocol',
  'model-not-found',
]);

/** Whether the session has had a turn on this model in this process; from now on it has. */
function isSeen(turn: Turn, seen: Set<string>): boolean {
  const name = `${turn.sessionID} ${modelName(turn)}`;
  if (seen.has(name)) return true;
  seen.add(name);
  return false;
}

async function localModel(
  { sessionID, providerID, modelID }: Turn,
  { store, locate }: LocalChecksOptions,
): Promise<CatalogModel | undefined> {
  const session = await store.read('session.get', sessionID);
  if (!session) return undefined;
  const { catalog } = await (await locate(session)).current();
  const resolution = catalog.resolve({ providerID, modelID });
  return resolution.type === 'model' && isLocal(resolution.model) ? resolution.model : undefined;
}

function tell(findings: readonly LocalFinding[], checked: Checked, notices: Notices): void {
  const { turn, phase } = checked;
  const told = findings.filter((finding) => isTold(finding, phase));
  const isBlocked = told.some(({ weight }) => weight === 'blocks');
  checked.isOpen = isBlocked || (phase === 'started' && told.length < findings.length);
  const prefix = `local:${JSON.stringify([turn.providerID, turn.modelID])}:`;
  const raised = told.map((finding) => noticeOf(`${prefix}${finding.type}`, finding, modelName(turn)));
  notices.replace(prefix, raised);
}

/**
 * What is said of a server is believed as far as its answers bear it out: one that answers is not in the way of itself, one
 * of no known kind may have no list, and one that loads a model for its first turn tells only then what room it gives.
 */
function isTold({ type, weight, isSure }: LocalFinding, phase: Phase): boolean {
  if (weight === 'blocks') return phase === 'failed' || (phase === 'started' && isSure);
  return type !== 'context-unknown' || phase === 'answered';
}

function noticeOf(key: string, { weight, problem, remedy }: LocalFinding, name: string): Notice {
  const data = { '0': name, '1': problem, '2': remedy };
  if (weight === 'blocks') return { key, level: 'warning', code: 'local.blocked', data };
  return { key, level: 'info', code: 'local.advice', data };
}
