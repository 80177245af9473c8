import type { AssistantMessage, MessageError } from '#shared/message.ts';
import type { CompactionPart } from '#shared/part.ts';
import type { MessageWithParts, Session } from '#shared/session.ts';
import type { CatalogModel } from '../../catalog/catalog.ts';
import type { BoundaryRow } from '../boundary-projection.ts';
import { readHistory } from '../history/read-history.ts';
import type { LocationServices, LocationState } from '../location-services.ts';
import { endedTurn } from '../runner/finish-turn.ts';
import { isOpenTurn } from '../runner/next-step.ts';
import type { DrainWorld } from '../runner/runner.ts';
import type { Planned } from '../runner/turn-plan.ts';
import { chooseTail } from './choose-tail.ts';
import { historyTokens } from './estimate-tokens.ts';
import { type FoldFacts, fold, summarizer } from './fold.ts';
import { prunableOutputs } from './prune-outputs.ts';
import { tailRoom } from './rooms.ts';
import { usableContext } from './usable-context.ts';

/** A Safe Provider-Turn Boundary, as far as Compaction looks at it. */
export interface FoldBoundary extends BoundaryRow {
  readonly session: Session;
  readonly services: LocationServices;
  readonly state: LocationState;
  /** What the turn to come would be run with. */
  readonly planned: Planned;
  readonly signal: AbortSignal;
}

/** The user asked for it. Whether it was tried: then the boundary has to be looked at anew. */
export async function foldOnDemand(boundary: FoldBoundary, world: DrainWorld): Promise<boolean> {
  const history = await historyNow(boundary, world);
  return (await foldHistory(boundary, { history, reason: 'manual' }, world)) !== 'nothing';
}

/**
 * Makes room where the last turn filled more of the context than may be filled: first old tool outputs leave history,
 * and where that is not enough, history is folded. Whether a fold was tried: then the boundary has to be looked at anew.
 */
export async function foldWhenFull(boundary: FoldBoundary, world: DrainWorld): Promise<boolean> {
  const { planned, state, fill, foldFailed, justFolded } = boundary;
  if (fill === undefined || foldFailed || justFolded || !isAutomatic(state)) return false;
  const { prune = true, reserved } = state.config.compaction ?? {};
  const usable = usableContext(limitOf(planned), reserved);
  if (usable === undefined || fill <= usable) return false;
  const history = await historyNow(boundary, world);
  const saved = prune ? pruneOutputs(boundary, history, world) : 0;
  if (fill - saved <= usable) return false;
  return (await foldHistory(boundary, { history, reason: 'threshold' }, world)) !== 'nothing';
}

/**
 * The provider refused a turn for its length before it answered: folds history, so that a turn can be run on it again.
 * The refused one ends in the commit of the fold's end; where nothing was folded, its error stands. Whether it was.
 */
export async function foldAfterOverflow(
  boundary: FoldBoundary,
  refused: AssistantMessage,
  world: DrainWorld,
): Promise<boolean> {
  const { error: _, ...silent } = refused;
  const end = (info: AssistantMessage) => endedTurn(info, world.clock.now());
  const withEnd = (why?: MessageError) => {
    if (!why) return [end({ ...silent, finish: 'overflow' })];
    return [end(why.name === 'MessageAbortedError' ? { ...silent, error: why } : refused)];
  };
  if (isAutomatic(boundary.state) && !boundary.foldFailed) {
    const all = await historyNow(boundary, world);
    const history = all.filter(({ info }) => info.id !== refused.id);
    const outcome = await foldHistory(boundary, { history, reason: 'overflow', withEnd }, world);
    if (outcome !== 'nothing') return outcome === 'folded';
  }
  world.carry([end(refused)]);
  return false;
}

/** Whether history may be folded unasked: without its agent there is nobody to do it. */
function isAutomatic({ config, agents }: LocationState): boolean {
  return config.compaction?.auto !== false && agents.has(summarizer);
}

/** Session History with the facts that were held back. */
async function historyNow(
  { session }: FoldBoundary,
  world: DrainWorld,
): Promise<readonly MessageWithParts[]> {
  await world.commit([]);
  return readHistory(world.store, session.id);
}

function limitOf(planned: Planned): CatalogModel['limit'] {
  return planned.type === 'plan' ? planned.plan.model.limit : {};
}

/** Tokens that are saved, about. The fact goes with what follows: nothing is read before it. */
function pruneOutputs(
  { session }: FoldBoundary,
  history: readonly MessageWithParts[],
  world: DrainWorld,
): number {
  const { parts, tokens } = prunableOutputs(history);
  const time = world.clock.now();
  if (parts.length > 0) world.carry([{ type: 'session.outputs.pruned', sessionID: session.id, parts, time }]);
  return tokens;
}

interface FoldRequest extends Pick<FoldFacts, 'withEnd'> {
  readonly history: readonly MessageWithParts[];
  readonly reason: CompactionPart['reason'];
}

async function foldHistory(
  boundary: FoldBoundary,
  { history, ...request }: FoldRequest,
  world: DrainWorld,
): Promise<'folded' | 'failed' | 'nothing'> {
  const { session, services, state, planned, fill, lastPrompt: parentID, signal } = boundary;
  const overflowed = request.reason === 'overflow';
  const { tail_turns: turns, preserve_recent_tokens: preserved } = state.config.compaction ?? {};
  const lengths = { fill, history: historyTokens(history), overflowed };
  const tail = chooseTail(history, tailRoom(limitOf(planned), lengths, preserved), turns);
  // While a part of history is taken back, a summary would stand behind that part, and go with it; and a turn whose calls
  // wait for an answer is still needed as it is.
  if (tail.folded.length === 0 || !parentID || session.revert || history.some(isOpenTurn)) return 'nothing';
  const facts = { session, services, state, history, tail, fill, parentID, signal, ...request };
  return (await fold(facts, world)) ? 'folded' : 'failed';
}
