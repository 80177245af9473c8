import type { SessionID } from '#shared/ids.ts';
import type { AssistantMessage, MessageError } from '#shared/message.ts';
import type { AdmittedPrompt, Session } from '#shared/session.ts';
import type { ContextSnapshot } from '../../context/context-source.ts';
import type { Ids } from '../../ports/ids.ts';
import { hostError } from '../errors.ts';
import type { LocationServices } from '../location-services.ts';
import type { SessionEvent } from '../session-events.ts';
import type { BoundaryRow, EpochRow } from '../session-projection.ts';
import type { SessionStore } from '../session-store.ts';
import { admitContext, promotions, startedTurn } from './boundary.ts';
import { finishTurn } from './finish-turn.ts';
import { createKeeper, type Keeper } from './keeper.ts';
import { nextStep } from './next-step.ts';
import type { SettleWorld } from './settle-calls.ts';
import { streamTurn } from './stream-turn.ts';
import { type Planned, planTurn, type TurnPlan } from './turn-plan.ts';
import { turnRequest } from './turn-request.ts';

export interface RunnerOptions extends Omit<SettleWorld, 'tools' | keyof Keeper> {
  readonly store: SessionStore;
  readonly ids: Ids;
  /** The services of the Location that a session is tied to. */
  readonly locate: (session: Session) => Promise<LocationServices>;
}

/** The runner's world during one drain. */
export interface DrainWorld extends RunnerOptions, Keeper {}

export interface DrainOptions {
  readonly signal: AbortSignal;
  /** Run one turn on the history as it is, even where it would end: the user said *Continue*. */
  readonly forced: boolean;
}

/**
 * One Session Drain. Each round is one provider turn:
 *
 *   1 promote inputs ─ 2 admit context changes ─ 3 reload history, build the request
 *   4 llm.stream, once ─ 5 settle tool calls ─ 6 continue or end
 *
 * Steps 1 and 2 share one commit with the facts that end the turn before (decision 19): a turn that only reads costs
 * two commits, and the drain waits for one of them.
 */
export async function drain(
  sessionID: SessionID,
  { signal, forced }: DrainOptions,
  options: RunnerOptions,
): Promise<void> {
  const world: DrainWorld = { ...options, ...createKeeper(options.store) };
  try {
    let goesOn = await takeUp(sessionID, { signal, forced }, world);
    for (let turns = 0; ; turns++) {
      signal.throwIfAborted();
      const boundary = await boundaryOf(sessionID, world);
      const inputs = eligible(boundary.inbox, goesOn);
      if (inputs.length > 0) turns = 0;
      if (inputs.length === 0 && !goesOn) return;
      goesOn = await turn({ ...boundary, inputs, turns, signal }, world);
    }
  } finally {
    await world.commit([]);
  }
}

/** Takes the session up where it was left: a turn that waits for answers is settled first. Whether it goes on. */
async function takeUp(
  sessionID: SessionID,
  { signal, forced }: DrainOptions,
  world: DrainWorld,
): Promise<boolean> {
  const step = nextStep(await world.store.read('session.history', sessionID), forced);
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
  readonly inputs: readonly AdmittedPrompt[];
  /** Turns that this batch of inputs has had (RT-14). */
  readonly turns: number;
  readonly signal: AbortSignal;
}

/** One provider turn; whether its results want another. */
async function turn(round: Round, world: DrainWorld): Promise<boolean> {
  const { session, epoch, lastPrompt, inputs, signal } = round;
  const sessionID = session.id;
  const services = await world.locate(session);
  const planned = withinAllowance(await planTurn(session, services), round.turns);
  const parentID = inputs.at(-1)?.id ?? lastPrompt;
  if (!parentID) throw new Error('A turn without a prompt before it');
  const agent = planned.type === 'plan' ? planned.plan.agent.name : (session.agent ?? '');
  const started = startedTurn({ session, agent, parentID }, world);
  if (planned.type === 'error') {
    await world.commit([...promotions(inputs, world), ...failedTurn(started, planned.error, world)]);
    return false;
  }
  const { plan } = planned;
  const context = await boundaryContext({ session, plan, services, epoch, signal }, world);
  const facts = [...promotions(inputs, world), ...context.events];
  const committed = world.commit([...facts, { type: 'session.turn.started', info: started }]);
  // The store answers a read after the commits before it: no need to wait for the one to ask for the other.
  const [history] = await Promise.all([world.store.read('session.history', sessionID), committed]);
  const { tools } = services;
  const request = turnRequest(plan, { sessionID, baseline: context.baseline, history, tools });
  const streamed = await streamTurn({ info: started, request, model: plan.model, signal }, world);
  if (streamed.type === 'ended') return false;
  return finishTurn(
    streamed.turn,
    { layers: plan.layers, resumed: false, signal },
    settleWorld(services, world),
  );
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
  readonly signal: AbortSignal;
}

async function boundaryContext({ session, plan, services, epoch, signal }: ContextRound, world: DrainWorld) {
  const { context: registry } = services;
  const observed = await registry.observe(
    { agent: plan.agent, signal },
    (epoch?.snapshot ?? {}) as ContextSnapshot,
  );
  const user = { sessionID: session.id, agent: plan.agent.name, model: plan.model.ref };
  return admitContext({ registry, epoch, observed, user }, world);
}

async function boundaryOf(id: SessionID, { store }: DrainWorld): Promise<Boundary> {
  const { session, ...boundary } = await store.read('session.boundary', id);
  if (!session) throw new Error('A drain of a session that does not exist');
  return { session, ...boundary };
}

function settleWorld({ tools }: LocationServices, world: DrainWorld): SettleWorld {
  return { ...world, tools };
}
