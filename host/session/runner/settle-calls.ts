import type { ToolPart, ToolState } from '#shared/part.ts';
import type { LayerRules } from '../../permission/layer-rules.ts';
import type { Permissions } from '../../permission/permissions.ts';
import type { Clock } from '../../ports/clock.ts';
import type { FileChange } from '../../snapshot/file-state.ts';
import type { RunningState, ToolCall, ToolRegistry } from '../../tool/registry.ts';
import type { Traces } from '../../trace/traces.ts';
import { isClosing } from '../coordinator.ts';
import type { LiveParts } from '../live-parts.ts';
import type { SessionEvent } from '../session-events.ts';
import type { Keeper } from './keeper.ts';
import type { OpenTurn } from './next-step.ts';
import type { PinnedRules } from './pinned-rules.ts';

export interface SettleWorld extends Keeper {
  readonly tools: ToolRegistry;
  readonly permissions: Permissions;
  readonly pinned: PinnedRules;
  readonly live: LiveParts;
  readonly clock: Clock;
  readonly traces: Traces;
}

export interface SettleOptions {
  readonly layers: readonly LayerRules[];
  /** A turn that is taken up again after a restart: its calls may have been asked for already. */
  readonly resumed: boolean;
  readonly signal: AbortSignal;
}

export interface SettledCalls {
  /** How each call ended, by call id. */
  readonly states: ReadonlyMap<string, ToolState>;
  /** Calls stay open: the host closes while they wait for an answer. */
  readonly waiting: boolean;
}

/**
 * Runs the calls of a turn side by side; each settles once. Never throws for an interruption. When one cannot be begun,
 * because that could not be recorded, the others are ended and settled before it throws: none runs on without an owner.
 */
export async function settleCalls(
  turn: OpenTurn,
  options: SettleOptions,
  world: SettleWorld,
): Promise<SettledCalls> {
  using _pin = world.pinned.pin(turn.info.id, options.layers);
  const calls = turn.parts.filter((part) => part.type === 'tool').filter(isUnsettled);
  const states = new Map<string, ToolState>();
  const failing = new AbortController();
  const settling = { ...options, signal: AbortSignal.any([options.signal, failing.signal]) };
  let left = calls.length;
  let waiting = false;
  const settleOne = async (part: ToolPart) => {
    const call: Call = { part, turn, began: false, changes: [] };
    const traced = world.traces.turn(turn.info).call(part.callID, part.tool);
    const state = await settleCall(call, settling, world);
    traced.end(outcomeOf(state));
    left--;
    if (await staysOpen(call, state, { options, world })) {
      waiting = true;
      return;
    }
    states.set(part.callID, state);
    const facts: SessionEvent[] = [
      { type: 'session.tool.settled', part: { ...part, state } },
      ...changesOf(call),
    ];
    // The last call's fact goes with what follows; the others are shown as soon as they are durable.
    if (left === 0) world.carry(facts);
    else world.keep(facts);
  };
  const ends = await Promise.allSettled(
    calls.map((part) =>
      settleOne(part).catch((error: unknown) => {
        if (!failing.signal.aborted) failing.abort(error);
        throw error;
      }),
    ),
  );
  // The first failure is the reason; the others follow from it, or say the same.
  if (ends.some(({ status }) => status === 'rejected')) throw failing.signal.reason;
  return { states, waiting };
}

interface Call {
  readonly part: ToolPart;
  readonly turn: OpenTurn;
  /** Its effects may have begun: from here on it cannot wait for an answer any more. */
  began: boolean;
  /** Files that it changed so far. */
  readonly changes: FileChange[];
}

/** What the way back is made from (RT-21): in one commit with the call's result. */
function changesOf({ part: { sessionID, messageID }, changes }: Call): readonly SessionEvent[] {
  return changes.map((change) => ({ type: 'session.file.changed', sessionID, messageID, change }));
}

async function settleCall(
  call: Call,
  { resumed, signal }: SettleOptions,
  world: SettleWorld,
): Promise<ToolState> {
  const { part, turn } = call;
  const { callID, tool } = part;
  const { id: messageID, sessionID, agent } = turn.info;
  const approved = resumed ? await approvedBefore(part, world) : {};
  const running = (state: ToolState) => ({ ...part, state });
  let shown: RunningState | undefined;
  return world.tools.settle(
    { callID, name: tool, input: argumentsOf(part), sessionID, messageID, agent },
    {
      signal,
      ...approved,
      onStarted: async (state) => {
        shown = state;
        call.began = true;
        if (world.tools.hasEffects(tool))
          await world.commit([{ type: 'session.tool.started', part: running(state) }]);
        else world.live.put(running(state));
      },
      onChange: (change) => void call.changes.push(change),
      onProgress: (metadata) => shown && world.live.put(running({ ...shown, metadata })),
    },
  );
}

/** What the user was shown of this very call before a restart: it must come to the same (decision 7). */
async function approvedBefore(part: ToolPart, { permissions }: SettleWorld) {
  const asked = await permissions.ofCall(part);
  const request = (asked.find((row) => row.request.subject.type === 'edit') ?? asked[0])?.request;
  return request ? { approved: request.subject } : {};
}

/** Arguments that were no JSON object are kept as their text. */
function argumentsOf({ state }: ToolPart): ToolCall['input'] {
  if (state.status === 'pending' && state.raw !== '') return { type: 'malformed', text: state.raw };
  return { type: 'json', value: state.input };
}

/** The host is closing, and this call still waits for an answer: it had no effect, and the question stays. */
async function staysOpen(
  { part, began }: Call,
  state: ToolState,
  { options, world }: { readonly options: SettleOptions; readonly world: SettleWorld },
): Promise<boolean> {
  if (!isClosing(options.signal.reason) || began) return false;
  if (state.status !== 'error' || state.failure !== 'interrupted') return false;
  return (await world.permissions.ofCall(part)).length > 0;
}

function outcomeOf(state: ToolState): string {
  return state.status === 'error' ? state.failure : state.status;
}

function isUnsettled({ state }: ToolPart): boolean {
  return state.status === 'pending' || state.status === 'running';
}
