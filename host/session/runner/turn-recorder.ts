import type { PartID } from '#shared/ids.ts';
import type { AssistantMessage, TokenUsage } from '#shared/message.ts';
import { noTokens } from '#shared/message.ts';
import type { JsonObject, Part, ReasoningPart, TextPart, ToolPart } from '#shared/part.ts';
import type { FinishReason, LLMError, LLMEvent } from '../../llm/schema.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { LiveParts } from '../live-parts.ts';
import type { SessionEvent } from '../session-events.ts';

/** How the stream of a provider turn ended. */
export type StreamEnd =
  | {
      readonly type: 'finish';
      readonly reason: FinishReason;
      readonly calls: readonly ToolPart[];
      readonly tokens: TokenUsage;
    }
  | { readonly type: 'error'; readonly error: LLMError; readonly tokens: TokenUsage };

/**
 * Turns the events of one provider stream into parts: live ones for whoever watches, durable facts for the journal.
 * Open text is checkpointed at least each second, so that a crash loses at most a second of it.
 */
export interface TurnRecorder {
  take(event: LLMEvent): void;
  /** Set by the terminal event. */
  readonly end: StreamEnd | undefined;
  /** The facts that settle everything seen so far; to be committed with what ends the stream. */
  settle(): readonly SessionEvent[];
}

export interface RecorderOptions {
  readonly message: AssistantMessage;
  readonly live: LiveParts;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Keeps facts without waiting for them. */
  readonly checkpoint: (events: readonly SessionEvent[]) => void;
}

type OpenText = { part: TextPart | ReasoningPart; kept: number | undefined };

const checkpointMs = 1000;

export function createTurnRecorder(options: RecorderOptions): TurnRecorder {
  const { message, live, clock, ids, checkpoint } = options;
  const base = () => ({ id: ids.next('prt') as PartID, sessionID: message.sessionID, messageID: message.id });
  const settled: SessionEvent[] = [];
  const calls = new Map<string, ToolPart>();
  let open: OpenText | undefined;
  let timer: Disposable | undefined;
  let tokens: TokenUsage = noTokens;
  let end: StreamEnd | undefined;

  const keepOpen = () => {
    timer = undefined;
    if (!open) return;
    const fact = textFact(open);
    if (fact) checkpoint([fact]);
    open.kept = open.part.text.length;
  };

  const closeText = () => {
    timer?.[Symbol.dispose]();
    timer = undefined;
    if (!open) return;
    settled.push(closingFact(open, clock.now()));
    open = undefined;
  };

  const text = (type: 'text' | 'reasoning', delta: string, metadata?: JsonObject) => {
    if (open?.part.type !== type) {
      closeText();
      open = { part: { ...base(), type, text: '', time: { start: clock.now() } }, kept: undefined };
      live.put(open.part);
    }
    open.part = {
      ...open.part,
      text: open.part.text + delta,
      ...(metadata && type === 'reasoning' ? { metadata } : {}),
    };
    live.extend(open.part, 'text', delta);
    timer ??= clock.after(checkpointMs, keepOpen);
  };

  const startCall = (callID: string, tool: string) => {
    closeText();
    const part: ToolPart = {
      ...base(),
      type: 'tool',
      callID,
      tool,
      state: { status: 'pending', input: {}, raw: '' },
    };
    calls.set(callID, part);
    live.put(part);
    return part;
  };

  const take = (event: LLMEvent) => {
    switch (event.type) {
      case 'text.delta':
        return text('text', event.text);
      case 'reasoning.delta':
        return text('reasoning', event.text, event.metadata);
      case 'tool.input.started':
        return void startCall(event.callID, event.name);
      case 'tool.input.delta': {
        const part = calls.get(event.callID);
        return part && live.extend(part, 'raw', event.text);
      }
      case 'tool.call': {
        const part = calls.get(event.callID) ?? startCall(event.callID, event.name);
        const called = withInput(part, event);
        calls.set(event.callID, called);
        return live.put(called);
      }
      case 'usage':
        tokens = tokensOf(event);
        return;
      case 'finish':
        end = { type: 'finish', reason: event.reason, calls: [...calls.values()], tokens };
        return;
      case 'error':
        end = { type: 'error', error: event.error, tokens };
        return;
    }
  };

  return {
    take,
    get end() {
      return end;
    },
    settle() {
      closeText();
      const complete = end?.type === 'finish';
      const callFacts = [...calls.values()].map((part) =>
        complete ? { type: 'session.tool.called' as const, part } : cutOff(part, clock.now()),
      );
      return [...settled, ...callFacts];
    },
  };
}

/** What arrived since the last checkpoint, or the whole part at the first. */
function textFact({ part, kept }: OpenText): SessionEvent | undefined {
  if (kept === undefined) return { type: 'session.part.kept', part };
  const delta = part.text.slice(kept);
  const { sessionID, messageID, id: partID } = part;
  return delta === '' ? undefined : { type: 'session.text.extended', sessionID, messageID, partID, delta };
}

/** Facts of a grown text carry only what is new; metadata that came late needs the whole part. */
function closingFact({ part, kept }: OpenText, end: number): SessionEvent {
  const whole: Part = { ...part, time: { start: part.time?.start ?? end, end } };
  if (kept === undefined || part.type === 'reasoning') return { type: 'session.part.kept', part: whole };
  const { sessionID, messageID, id: partID } = part;
  return { type: 'session.text.extended', sessionID, messageID, partID, delta: part.text.slice(kept), end };
}

/** A call whose arguments never became whole: nothing of it was done. */
function cutOff(part: ToolPart, now: number): SessionEvent {
  const state = {
    status: 'error' as const,
    input: part.state.input,
    error: 'The answer was cut off before this call was complete. It was not run.',
    failure: 'interrupted' as const,
    time: { start: now, end: now },
  };
  return { type: 'session.tool.settled', part: { ...part, state } };
}

function withInput(part: ToolPart, { input, metadata }: Extract<LLMEvent, { type: 'tool.call' }>): ToolPart {
  const state =
    input.type === 'json' && isObject(input.value) ? { input: input.value, raw: '' } : rawInput(input);
  return { ...part, state: { status: 'pending', ...state }, ...(metadata ? { metadata } : {}) };
}

/** Arguments that are no object are kept as the text they were: the tool registry tells the model. */
function rawInput(input: Extract<LLMEvent, { type: 'tool.call' }>['input']) {
  return { input: {}, raw: input.type === 'json' ? JSON.stringify(input.value) : input.text };
}

function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function tokensOf({
  input,
  output,
  reasoning,
  cacheRead,
  cacheWrite,
}: Extract<LLMEvent, { type: 'usage' }>): TokenUsage {
  return { input, output, reasoning, cache: { read: cacheRead, write: cacheWrite } };
}
