import type { MessageID, SessionID } from '#shared/ids.ts';
import type { JsonObject, ToolMetadata, ToolState } from '#shared/part.ts';
import type { PermissionRequest, PermissionSubject } from '#shared/permission.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { FileChange } from '../snapshot/file-state.ts';
import { type Bounds, defaultBounds } from './bounds.ts';
import { type CallOrder, createCallOrder } from './call-order.ts';
import {
  deniedLetter,
  hiddenLetter,
  invalidLetter,
  malformedLetter,
  rejectedLetter,
  unknownLetter,
} from './letters.ts';
import type { ManagedOutput } from './managed-output.ts';
import type { PermissionCall, PermissionGate } from './permission-gate.ts';
import { type Outcome, projectOutcome } from './projection.ts';
import { createSlots, type Slots } from './slots.ts';
import {
  type AnyTool,
  type PermissionNeed,
  type PreparedCall,
  type ToolContext,
  ToolFailure,
} from './tool.ts';
import { boundMetadata } from './tool-metadata.ts';

export interface ToolRegistryOptions {
  readonly tools: readonly AnyTool[];
  readonly permission: PermissionGate;
  readonly output: ManagedOutput;
  readonly bounds?: Bounds;
  /** Calls that run at the same time; those that wait for a permission do not count. */
  readonly parallel?: number;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  /** JSON Schema. */
  readonly parameters: JsonObject;
}

/** One call as the provider turn issued it. */
export interface ToolCall {
  readonly callID: string;
  /** What the model called. */
  readonly name: string;
  /** The arguments: parsed JSON, or the text that was not JSON. */
  readonly input:
    | { readonly type: 'json'; readonly value: unknown }
    | { readonly type: 'malformed'; readonly text: string };
  readonly sessionID: SessionID;
  readonly messageID: MessageID;
  /** The agent of the provider turn (TL-06). */
  readonly agent: string;
}

export type RunningState = Extract<ToolState, { status: 'running' }>;
export type SettledState = Extract<ToolState, { status: 'completed' | 'error' }>;

export interface SettleOptions {
  readonly signal: AbortSignal;
  /** What the user approved of this very call before a restart; the call must come to the same, or fails. */
  readonly approved?: PermissionSubject;
  /** The request of this call that was open at a restart; its subject binds the call like `approved`. */
  readonly resumedRequest?: PermissionRequest;
  /** Called once all is allowed. Awaited before a tool with effects runs: the intent is durable first. */
  onStarted?(state: RunningState): Promise<void>;
  /** Live facts while the call runs; bounded, ephemeral. */
  onProgress?(metadata: ToolMetadata): void;
  /** The call changed a file; called before `settle` resolves, also for a call that failed after it. */
  onChange?(change: FileChange): void;
}

/** A Location's tools. */
export interface ToolRegistry {
  /** What the model is shown: always the same bytes for the same tools. `hidden` is asked with rule keys. */
  definitions(hidden: (permissionKey: string) => boolean): readonly ToolDefinition[];
  /** Whether a call of this tool changes anything; an unknown one does not. */
  hasEffects(name: string): boolean;
  /**
   * Runs one call to its end, which is data: rejects only when `onStarted` does. What it returns is bounded;
   * whole outputs that were longer are on the disk by then. Calls of a session on the same file run in the order of
   * `settle`, so a turn's calls are settled by calling it for each without waiting.
   */
  settle(call: ToolCall, options: SettleOptions): Promise<SettledState>;
}

const defaultParallel = 8;

export function createToolRegistry(options: ToolRegistryOptions): ToolRegistry {
  const { tools, parallel = defaultParallel, bounds = defaultBounds } = options;
  const byName = new Map(tools.map((tool) => [tool.id, tool]));
  if (byName.size !== tools.length) throw new TypeError('Two tools have the same id.');
  const world: Settling = { ...options, bounds, order: createCallOrder(), slots: createSlots(parallel) };
  return {
    definitions: (hidden) =>
      [...tools]
        .filter(({ permissionKey }) => !hidden(permissionKey))
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .map(({ id, description, parameters }) => ({ name: id, description, parameters })),
    hasEffects: (name) => byName.get(name)?.effects === true,
    settle: async (call, settling) => {
      const start = options.clock.now();
      const outcome = await settleCall(
        { call, tool: byName.get(call.name), options: settling, start },
        world,
      );
      const projected = await projectOutcome(outcome, { callID: call.callID, ...world });
      return { ...projected, input: inputOf(call), time: { start, end: options.clock.now() } };
    },
  };
}

interface Settling extends ToolRegistryOptions {
  readonly bounds: Bounds;
  readonly order: CallOrder;
  readonly slots: Slots;
}

interface Settlement {
  readonly call: ToolCall;
  readonly tool: AnyTool | undefined;
  readonly options: SettleOptions;
  readonly start: number;
}

/** History holds objects only: what was none is told in the letter. */
function inputOf({ input }: ToolCall): JsonObject {
  if (input.type === 'malformed' || typeof input.value !== 'object' || input.value === null) return {};
  return Array.isArray(input.value) ? {} : { ...input.value };
}

async function settleCall(settlement: Settlement, world: Settling): Promise<Outcome> {
  const { call, tool } = settlement;
  if (tool === undefined) return { type: 'invalid', letter: unknownLetter(call.name, world.tools) };
  if (call.input.type === 'malformed')
    return { type: 'invalid', letter: malformedLetter(tool, call.input.text) };
  const prepared = tool.prepare(call.input.value);
  if (prepared.type === 'invalid') return { type: 'invalid', letter: invalidLetter(tool, prepared.problems) };
  // A start that cannot be recorded is the runner's failure, not the model's.
  let phase: 'asking' | 'announcing' | 'running' = 'asking';
  try {
    const { signal } = settlement.options;
    signal.throwIfAborted();
    if (world.permission.isHidden?.(tool.permissionKey, askerOf(settlement)))
      return { type: 'denied', letter: hiddenLetter(tool.id) };
    using _turn = await world.order.enter(() => keysOf(call, prepared.call), signal);
    const context = contextOf(settlement);
    const needs = await prepared.call.permission(context);
    const refusal = await askAll(needs, settlement, world);
    if (refusal !== undefined) return refusal;
    using _slot = await world.slots.take(signal);
    phase = 'announcing';
    await announce({ settlement, tool, title: prepared.call.title }, world.log);
    phase = 'running';
    signal.throwIfAborted();
    return { type: 'done', result: await prepared.call.execute({ ...context, granted: needs }) };
  } catch (error) {
    if (settlement.options.signal.aborted) {
      // What the call has left behind, such as its output's file, has to be named to be found again.
      const metadata = error instanceof ToolFailure ? error.metadata : {};
      return { type: 'interrupted', started: phase === 'running' && tool.effects, metadata };
    }
    if (phase === 'announcing') throw error;
    return { type: 'thrown', error, tool: tool.id };
  }
}

/** A session's own order only: another session that waits for its user must not hold this one up. */
async function keysOf(call: ToolCall, prepared: PreparedCall): Promise<readonly string[]> {
  return (await prepared.touches()).map((path) => `${call.sessionID}\0${path}`);
}

function contextOf({ call, options }: Settlement): ToolContext {
  const { callID, sessionID, messageID, agent } = call;
  const approved = options.approved ?? options.resumedRequest?.subject;
  return {
    callID,
    sessionID,
    messageID,
    agent,
    signal: options.signal,
    ...(approved && { approved }),
    progress: (metadata) => options.onProgress?.(boundMetadata(metadata)),
    recordChange: (change) => options.onChange?.(change),
  };
}

async function askAll(
  needs: readonly PermissionNeed[],
  settlement: Settlement,
  { permission }: Settling,
): Promise<Outcome | undefined> {
  const { signal } = settlement.options;
  for (const need of needs) {
    const outcome = await permission.authorize(need, askerOf(settlement), signal);
    signal.throwIfAborted();
    if (outcome.type === 'denied') return { type: 'denied', letter: deniedLetter(need, outcome.rule) };
    if (outcome.type === 'rejected') return { type: 'rejected', letter: rejectedLetter(outcome.message) };
  }
  return undefined;
}

function askerOf({ call, options }: Settlement): PermissionCall {
  const { callID, name, sessionID, messageID, agent } = call;
  const { resumedRequest: resumed } = options;
  return { callID, name, sessionID, messageID, agent, ...(resumed && { resumed }) };
}

interface Start {
  readonly settlement: Settlement;
  readonly tool: AnyTool;
  readonly title: string;
}

async function announce(
  { settlement: { call, options, start }, tool, title }: Start,
  log: Log,
): Promise<void> {
  const told = options.onStarted?.({ status: 'running', input: inputOf(call), title, time: { start } });
  if (tool.effects) await told;
  else void told?.catch((error: unknown) => log.error('the start of a call was not recorded', error));
}
