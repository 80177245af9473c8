import { HostError, hasCode } from '#shared/host-error.ts';
import type { SessionID } from '#shared/ids.ts';
import type { AssistantMessage, MessageError } from '#shared/message.ts';
import type { AdmittedPrompt, Session } from '#shared/session.ts';
import type { RetryOptions } from '../../llm/retry.ts';
import type { Ids } from '../../ports/ids.ts';
import type { BoundaryRow, EpochRow } from '../boundary-projection.ts';
import { closeInterrupted } from '../close-interrupted.ts';
import { foldAfterOverflow, foldOnDemand, foldWhenFull } from '../compaction/at-boundary.ts';
import { hostError } from '../errors.ts';
import { readHistory } from '../history/read-history.ts';
import type { LocationServices, LocationState } from '../location-services.ts';
import type { SessionEvent } from '../session-events.ts';
import type { SessionStore } from '../session-store.ts';
import { admitContext, promotions, startedTurn } from './boundary.ts';
import { endedTurn, finishTurn } from './finish-turn.ts';
import { createKeeper, type Keeper } from './keeper.ts';
import { nextStep } from './next-step.ts';
import type { SettleWorld } from './settle-calls.ts';
import { streamTurn } from './stream-turn.ts';
import { type Planned, planTurn, type TurnPlan } from './turn-plan.ts';
import { turnRequest } from './turn-request.ts';

export interface RunnerOptions extends Omit<SettleWorld, 'tools' | keyof Keeper> {
  readonly store: SessionStore;
  readonly ids: Ids;
  /** How a provider that refuses for now is asked again. */
  readonly retries?: RetryOptions;
  /** What may stand in no error of a provider besides the credentials that it was given. */
  readonly secrets?: () => readonly string[];
  /** The services of the Location that a session is tied to. */
  readonly locate: (session: Session) => Promise<LocationServices>;
}

/** The runner's world during one drain. */
export interface DrainWorld extends RunnerOptions, Keeper {}

export interface DrainOptions {
  readonly signal: AbortSignal;
  /** Whether turns may be run; else history is folded, and nothing else is done. */
  readonly runs: boolean;
  /** Run one turn on the history as it is, even where it would end: the user said *Continue*. */
  readonly forced: boolean;
  /** Whether the user asked to fold history since this was called last. */
  readonly takeFold: () => boolean;
}

/**
 * One Session Drain. Each round is one provider turn:
 *
 *   1 promote inputs ─ 2 admit context changes ─ 3 reload history, build the request
 *   4 llm.stream, once ─ 5 settle tool calls ─ 6 continue or end
 *
 * Before them all, history is folded where the context is full or the user asked for it. Steps 1 and 2 share one commit
 * with the facts that end the turn before (decision 19): a turn that only reads costs two commits, and the drain waits
 * for one of them.
 */
export async function drain(
  sessionID: SessionID,
  drainOptions: DrainOptions,
  options: RunnerOptions,
): Promise<void> {
  const world: DrainWorld = { ...options, ...createKeeper(options.store) };
  try {
    let goesOn = drainOptions.runs && (await takeUp(sessionID, drainOptions, world));
    let turns = 0;
    let isRepeated = false;
    for (;;) {
      const round = await nextRound(sessionID, { ...drainOptions, goesOn }, world);
      if (!round) return;
      if (round.inputs.length > 0) turns = 0;
      const end = await turn({ ...round, turns, isRepeated }, world);
      if (end === 'not-started') continue;
      goesOn = end !== 'ended';
      isRepeated = end === 'overflow';
      if (!isRepeated) turns++;
    }
  } finally {
    await world.commit([]);
  }
}

/**
 * The next Safe Provider-Turn Boundary at which there is a turn to run; undefined where there is nothing left. History
 * is folded here where it is time for it: before prompts are promoted, so that a prompt is never part of it.
 */
async function nextRound(
  sessionID: SessionID,
  options: DrainOptions & { readonly goesOn: boolean },
  world: DrainWorld,
): Promise<PlannedRound | undefined> {
  const { goesOn, takeFold, signal } = options;
  for (;;) {
    signal.throwIfAborted();
    // A drain that would end has nothing to share a commit with, and how full the context is must be known here.
    if (!goesOn) await world.commit([]);
    const boundary = await boundaryOf(sessionID, world);
    const inputs = inputsAt(boundary, options);
    const isAsked = takeFold();
    if (!inputs && !isAsked) return undefined;
    const round = await planRound({ ...boundary, inputs: inputs ?? [], signal }, world);
    signal.throwIfAborted();
    const isFolded = isAsked ? await foldOnDemand(round, world) : await foldWhenFull(round, world);
    if (!isFolded) return inputs && round;
  }
}

/** The prompts that the next turn begins with, often none; undefined where there is no turn to run. */
function inputsAt(
  { inbox, session }: Boundary,
  { runs, goesOn, forced }: DrainOptions & { readonly goesOn: boolean },
): readonly AdmittedPrompt[] | undefined {
  // What was taken back does not go on by itself: taking back is an interruption, too.
  const wantsTurn = goesOn && (!session.revert || forced);
  const inputs = runs ? eligible(inbox, wantsTurn) : [];
  return inputs.length > 0 || wantsTurn ? inputs : undefined;
}

type PlannedRound = Omit<Round, 'turns' | 'isRepeated'>;

async function planRound(
  round: Omit<PlannedRound, 'services' | 'state' | 'planned'>,
  world: DrainWorld,
): Promise<PlannedRound> {
  const services = await world.locate(round.session);
  const state = await services.current();
  return { ...round, services, state, planned: planTurn(round.session, state) };
}

/**
 * Takes the session up where it was left: a turn that waits for answers is settled first. What the drain before could
 * not close, because its facts were refused, is closed here and never run again (RT-12). Whether it goes on.
 */
async function takeUp(
  sessionID: SessionID,
  { signal, forced }: Pick<DrainOptions, 'signal' | 'forced'>,
  world: DrainWorld,
): Promise<boolean> {
  const next = async () => {
    const last = await world.store.read('session.last-message', sessionID);
    return nextStep(last ? [last] : [], forced);
  };
  let step = await next();
  if (step.type === 'settle') {
    await closeInterrupted(world, { sessionID });
    step = await next();
  }
  if (step.type !== 'settle') return step.type === 'turn';
  const { session } = await boundaryOf(sessionID, world);
  const services = await world.locate(session);
  const { agents, layersOf } = await services.current();
  const agent = agents.get(step.turn.info.agent);
  const layers = agent ? layersOf(agent) : [];
  return finishTurn(step.turn, { layers, resumed: true, signal }, settleWorld(services, world));
}

/** Steers at every boundary, in order; one queued prompt only where the drain would otherwise end (RT-10). */
function eligible(inbox: readonly AdmittedPrompt[], goesOn: boolean): readonly AdmittedPrompt[] {
  const steers = inbox.filter(({ delivery }) => delivery === 'steer');
  return steers.length > 0 || goesOn ? steers : inbox.slice(0, 1);
}

type Boundary = BoundaryRow & { readonly session: Session };

interface Round extends Boundary {
  readonly services: LocationServices;
  readonly state: LocationState;
  readonly planned: Planned;
  readonly inputs: readonly AdmittedPrompt[];
  /** Turns that this batch of inputs has had (RT-14). */
  readonly turns: number;
  /** The turn before was refused for its length, and history was folded for this one. */
  readonly isRepeated: boolean;
  readonly signal: AbortSignal;
}

type TurnEnd =
  | 'ended'
  /** Its results want another turn. */
  | 'goes-on'
  /** It was refused for its length, and history was folded since: it wants to be run again. */
  | 'overflow'
  /** The inbox changed before it started. */
  | 'not-started';

/** One provider turn. */
async function turn(round: Round, world: DrainWorld): Promise<TurnEnd> {
  const { session, services, epoch, lastPrompt, inputs, signal } = round;
  const sessionID = session.id;
  const planned = withinAllowance(round.planned, round.turns);
  const parentID = inputs.at(-1)?.id ?? lastPrompt;
  if (!parentID) throw new Error('A turn without a prompt before it');
  const agent = planned.type === 'plan' ? planned.plan.agent.name : (session.agent ?? '');
  const started = startedTurn({ session, agent, parentID }, world);
  if (planned.type === 'error') {
    const failed = [...promotions(round, world), ...failedTurn(started, planned.error, world)];
    return (await isStarted(failed, round, world)) ? 'ended' : 'not-started';
  }
  const { plan } = planned;
  // An epoch that only begins has no last values that could hold.
  const promotes = inputs.length > 0 || !epoch;
  const context = await boundaryContext({ session, plan, services, epoch, promotes, signal }, world);
  const facts = [...promotions(round, world), ...context.events];
  const starting = isStarted([...facts, { type: 'session.turn.started', info: started }], round, world);
  // The store answers a read after the commits before it: no need to wait for the one to ask for the other.
  const [history, hasStarted] = await Promise.all([readHistory(world.store, sessionID), starting]);
  if (!hasStarted) return 'not-started';
  const { tools } = services;
  const request = turnRequest(plan, { sessionID, baseline: context.baseline, history, tools });
  const streamed = await streamTurn({ info: started, request, model: plan.model, signal }, world);
  if (streamed.type === 'overflow') return overflowed(streamed.info, round, world);
  if (streamed.type === 'ended') return 'ended';
  const settling = { layers: plan.layers, resumed: false, signal };
  return (await finishTurn(streamed.turn, settling, settleWorld(services, world))) ? 'goes-on' : 'ended';
}

/** Once, and then no more: a prompt that is too long by itself would go round for ever. */
async function overflowed(refused: AssistantMessage, round: Round, world: DrainWorld): Promise<TurnEnd> {
  if (round.isRepeated) {
    world.carry([endedTurn(refused, world.clock.now())]);
    return 'ended';
  }
  const boundary = { ...round, lastPrompt: refused.parentID };
  return (await foldAfterOverflow(boundary, refused, world)) ? 'overflow' : 'ended';
}

/**
 * Commits the start of a turn. False, and nothing is kept of it: a prompt was edited or cancelled since the boundary
 * looked into the inbox, and the user's last word counts.
 */
async function isStarted(
  facts: readonly SessionEvent[],
  { session, inputs }: Round,
  world: DrainWorld,
): Promise<boolean> {
  try {
    await world.commit(facts);
    return true;
  } catch (error) {
    if (!hasCode(error, 'store.conflict')) throw error;
    const now = await world.store.read('session.inbox', session.id);
    const waiting = now.filter(({ id }) => inputs.some((input) => input.id === id));
    if (JSON.stringify(waiting) === JSON.stringify(inputs)) throw error;
    return false;
  }
}

/** The agent's steps are a hard stop, and the user may let it go on. */
function withinAllowance(planned: Planned, turns: number): Planned {
  if (planned.type === 'error' || turns < planned.plan.agent.steps) return planned;
  return { type: 'error', error: hostError('steps') };
}

function failedTurn(
  info: AssistantMessage,
  error: MessageError,
  { clock }: DrainWorld,
): readonly SessionEvent[] {
  const ended: AssistantMessage = { ...info, error, time: { ...info.time, completed: clock.now() } };
  return [
    { type: 'session.turn.started', info },
    { type: 'session.turn.ended', info: ended },
  ];
}

interface ContextRound {
  readonly session: Session;
  readonly plan: TurnPlan;
  readonly services: LocationServices;
  readonly epoch: EpochRow | undefined;
  readonly promotes: boolean;
  readonly signal: AbortSignal;
}

async function boundaryContext(round: ContextRound, world: DrainWorld) {
  const { session, plan, services, epoch, promotes, signal } = round;
  const { context: registry } = services;
  const observed = await registry.observe({ agent: plan.agent, promotes, signal }, epoch?.snapshot ?? {});
  const user = { sessionID: session.id, agent: plan.agent.name, model: plan.model.ref };
  return admitContext({ registry, epoch, observed, user }, world);
}

async function boundaryOf(id: SessionID, { store }: DrainWorld): Promise<Boundary> {
  const { session, ...boundary } = await store.read('session.boundary', id);
  if (!session) throw new HostError('session.unknown', `There is no session ${id} to run.`);
  // A turn would make final what is only half taken back.
  if (session.revert?.unfinished) {
    const text =
      'Files of this session were not all taken back, or brought back. Take it back again, or bring it back, then go on.';
    throw new HostError('revert.unfinished', text, { data: { sessionID: id } });
  }
  return { session, ...boundary };
}

function settleWorld({ tools }: LocationServices, world: DrainWorld): SettleWorld {
  return { ...world, tools };
}
