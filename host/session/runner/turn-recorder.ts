import type { PartID } from '#shared/ids.ts';
import type { AssistantMessage, MessageError, TokenUsage } from '#shared/message.ts';
import { noTokens } from '#shared/message.ts';
import type {
  JsonObject,
  NativePart,
  Part,
  ReasoningPart,
  RetryPart,
  TextPart,
  ToolPart,
} from '#shared/part.ts';
import type { FinishReason, LLMError, LLMEvent, RetryEvent } from '../../llm/schema.ts';
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
      /** Raw facts of the whole answer, for its round trip. */
      readonly metadata?: JsonObject;
    }
  | { readonly type: 'error'; readonly error: LLMError; readonly tokens: TokenUsage };

export interface RecorderOptions {
  readonly message: AssistantMessage;
  readonly live: LiveParts;
  readonly clock: Clock;
  readonly ids: Ids;
  /** What an error of the model core means in the conversation. */
  readonly errorOf: (error: LLMError) => MessageError;
  /** Keeps facts without waiting for them. */
  readonly checkpoint: (events: readonly SessionEvent[]) => void;
}

type OpenText = { part: TextPart | ReasoningPart; kept: number | undefined };

const checkpointMs = 1000;

/**
 * Turns the events of one provider stream into parts: live ones for whoever watches, durable facts for the journal.
 * Open text is checkpointed at least each second, so that a crash loses at most a second of it.
 */
export class TurnRecorder {
  readonly #options: RecorderOptions;
  readonly #settled: SessionEvent[] = [];
  readonly #calls = new Map<string, ToolPart>();
  #open: OpenText | undefined;
  #timer: Disposable | undefined;
  #tokens: TokenUsage = noTokens;
  #end: StreamEnd | undefined;
  #retry: RetryPart | undefined;
  #began = false;
  #hasText = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Set by the terminal event. */
  get end(): StreamEnd | undefined {
    return this.#end;
  }

  /** Something of an answer has come. */
  get began(): boolean {
    return this.#began;
  }

  /** The answer has words, thoughts aside. */
  get hasText(): boolean {
    return this.#hasText;
  }

  take(event: LLMEvent): void {
    switch (event.type) {
      case 'text.delta':
        this.#text('text', event.text);
        break;
      case 'reasoning.delta':
        this.#text('reasoning', event.text, event.metadata);
        break;
      case 'part.end':
        this.#endPart(event.metadata);
        break;
      case 'native':
        this.#native(event);
        break;
      case 'tool.input.started':
        this.#startCall(event.callID, event.name);
        break;
      case 'tool.input.delta':
        this.#extendCall(event.callID, event.text);
        break;
      case 'tool.call':
        this.#call(event);
        break;
      case 'retry':
        this.#waitForRetry(event);
        break;
      case 'usage':
        this.#tokens = tokensOf(event);
        break;
      case 'finish':
        this.#end = { ...event, calls: [...this.#calls.values()], tokens: this.#tokens };
        break;
      case 'error':
        this.#end = { ...event, tokens: this.#tokens };
        break;
    }
  }

  /** The facts that settle everything seen so far; to be committed with what ends the stream. */
  settle(): readonly SessionEvent[] {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#closeText();
    const complete = this.#end?.type === 'finish';
    const callFacts = [...this.#calls.values()].map((part) =>
      complete ? { type: 'session.tool.called' as const, part } : cutOff(part, this.#options.clock.now()),
    );
    return [...this.#settled, ...callFacts];
  }

  #text(type: 'text' | 'reasoning', delta: string, metadata?: JsonObject): void {
    const { live, clock } = this.#options;
    const open = this.#open?.part.type === type ? this.#open : this.#openText(type);
    const facts = metadata && type === 'reasoning' ? { metadata } : {};
    open.part = { ...open.part, text: open.part.text + delta, ...facts };
    this.#hasText ||= type === 'text' && delta.trim() !== '';
    live.extend(open.part, 'text', delta);
    this.#timer ??= clock.after(checkpointMs, () => this.#keepSoFar());
  }

  #openText(type: 'text' | 'reasoning'): OpenText {
    this.#began = true;
    this.#closeText();
    const part = { ...this.#base(), type, text: '', time: { start: this.#options.clock.now() } };
    this.#options.live.put(part);
    this.#open = { part, kept: undefined };
    return this.#open;
  }

  /** Keeps everything so far: texts that are closed, and what the open one has gained. In the order they came. */
  #keepSoFar(): void {
    this.#timer = undefined;
    const open = this.#open;
    const fact = open && textFact(open);
    const facts = [...this.#settled.splice(0), ...(fact ? [fact] : [])];
    if (facts.length > 0) this.#options.checkpoint(facts);
    if (open) open.kept = open.part.text.length;
  }

  #closeText(): void {
    if (this.#open) this.#settled.push(closingFact(this.#open, this.#options.clock.now()));
    this.#open = undefined;
  }

  /** It is told at once, also to the journal: the wait may be long. */
  #waitForRetry({ attempt, waitMs, error }: RetryEvent): void {
    const { clock, live, checkpoint, errorOf } = this.#options;
    const created = clock.now();
    const time = { created, next: created + waitMs };
    const part: RetryPart = {
      ...this.#base(),
      ...idOf(this.#retry),
      type: 'retry',
      attempt,
      error: errorOf(error),
      time,
    };
    this.#retry = part;
    live.put(part);
    checkpoint([{ type: 'session.part.kept', part }]);
  }

  /** The text or reasoning before is a part of its own; its raw facts often come only now. */
  #endPart(metadata: JsonObject | undefined): void {
    const open = this.#open;
    if (open && metadata) open.part = { ...open.part, metadata };
    this.#closeText();
  }

  #native({ name, text, metadata }: Extract<LLMEvent, { type: 'native' }>): void {
    this.#began = true;
    this.#closeText();
    const part: NativePart = { ...this.#base(), type: 'native', name, text, metadata };
    this.#settled.push({ type: 'session.part.kept', part });
    this.#options.live.put(part);
  }

  #startCall(callID: string, tool: string): ToolPart {
    this.#began = true;
    this.#closeText();
    const state = { status: 'pending', input: {}, raw: '' } as const;
    const part: ToolPart = { ...this.#base(), type: 'tool', callID, tool, state };
    this.#calls.set(callID, part);
    // Its place among the parts is that of its beginning, also where a later text is kept before it is whole.
    this.#settled.push({ type: 'session.part.kept', part });
    this.#options.live.put(part);
    return part;
  }

  #extendCall(callID: string, text: string): void {
    const part = this.#calls.get(callID);
    if (part) this.#options.live.extend(part, 'raw', text);
  }

  #call(event: Extract<LLMEvent, { type: 'tool.call' }>): void {
    const part = withInput(this.#calls.get(event.callID) ?? this.#startCall(event.callID, event.name), event);
    this.#calls.set(event.callID, part);
    this.#options.live.put(part);
  }

  #base() {
    const { sessionID, id: messageID } = this.#options.message;
    return { id: this.#options.ids.next('prt') as PartID, sessionID, messageID };
  }
}

function idOf(part: RetryPart | undefined): { readonly id?: PartID } {
  return part === undefined ? {} : { id: part.id };
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
  if (kept === undefined || part.metadata) return { type: 'session.part.kept', part: whole };
  const { sessionID, messageID, id: partID } = part;
  return { type: 'session.text.extended', sessionID, messageID, partID, delta: part.text.slice(kept), end };
}

/** The letter of a call that was never whole. */
export const cutOffLetter = 'The answer was cut off before this call was complete. It was not run.';

/** A call whose arguments never became whole: nothing of it was done. */
function cutOff(part: ToolPart, now: number): SessionEvent {
  const state = {
    status: 'error' as const,
    input: part.state.input,
    error: cutOffLetter,
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

export function tokensOf({
  input,
  output,
  reasoning,
  cacheRead,
  cacheWrite,
}: Extract<LLMEvent, { type: 'usage' }>): TokenUsage {
  return { input, output, reasoning, cache: { read: cacheRead, write: cacheWrite } };
}
