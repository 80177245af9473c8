import * as Schema from 'effect/Schema';
import type { Decoder } from '../../route.ts';
import type { FinishReason, LLMEvent, LLMRequest } from '../../schema.ts';
import { streamCut } from '../stream-cut.ts';
import { wireToolName } from '../tool-name.ts';
import { type OpenBlock, openBlock, type ToolNames, wholeBlock } from './blocks.ts';
import { countTokens } from './usage.ts';
import { AnyEvent, knownEvents, WholeAnswer, type WireBlock, WireEvent, type WireUsage } from './wire.ts';

const decodeAny = Schema.decodeUnknownResult(AnyEvent);
const decodeEvent = Schema.decodeUnknownResult(WireEvent);
const decodeWhole = Schema.decodeUnknownResult(WholeAnswer);

/** The decoder of one answer; see `Decoder`. Errors inside the stream are the framing's affair. */
export function converseDecoder(request: Pick<LLMRequest, 'tools'>): Decoder {
  const answer = new Answer(new Map(request.tools.map(({ name }) => [wireToolName(name), name])));
  return {
    push(chunk) {
      const any = decodeAny(chunk);
      if (any._tag === 'Failure') return answer.refuse(any.failure.message);
      if ('output' in any.success) return answer.takeWhole(chunk);
      if (!Object.keys(any.success).some((name) => knownEvents.has(name))) return [];
      const event = decodeEvent(chunk);
      return event._tag === 'Failure' ? answer.refuse(event.failure.message) : answer.take(event.success);
    },
    end: () => answer.end(),
  };
}

class Answer {
  readonly #names: ToolNames;
  readonly #blocks = new Map<number, OpenBlock>();
  #usage: WireUsage | null = null;
  #stop: string | null = null;
  #began = false;
  #calls = 0;

  constructor(names: ToolNames) {
    this.#names = names;
  }

  take(event: WireEvent): readonly LLMEvent[] {
    if ('contentBlockStart' in event) {
      const { contentBlockIndex, start } = event.contentBlockStart;
      return this.#open(contentBlockIndex, start ?? {});
    }
    if ('contentBlockDelta' in event) {
      const { contentBlockIndex, delta } = event.contentBlockDelta;
      return this.#piece(contentBlockIndex, delta);
    }
    if ('contentBlockStop' in event) return this.#close(event.contentBlockStop.contentBlockIndex);
    if ('messageStop' in event) this.#stop = event.messageStop.stopReason;
    else this.#usage = event.metadata.usage ?? this.#usage;
    return [];
  }

  takeWhole(chunk: unknown): readonly LLMEvent[] {
    const decoded = decodeWhole(chunk);
    if (decoded._tag === 'Failure') return this.refuse(decoded.failure.message);
    const { output, stopReason = null, usage = null } = decoded.success;
    this.#stop = stopReason;
    this.#usage = usage;
    return this.#seen(output.message.content.flatMap((block) => wholeBlock(block, this.#names)));
  }

  /** What is no event of this format: the stream cannot be trusted any more. */
  refuse(problem: string): readonly LLMEvent[] {
    const message = `The provider sent what is not of the Converse format: ${problem}`;
    return [...this.#counted(), { type: 'error', error: { code: 'protocol', message, retryable: false } }];
  }

  end(): readonly LLMEvent[] {
    if (this.#stop === null) return [...this.#counted(), streamCut(this.#began)];
    const open = [...this.#blocks.keys()].flatMap((index) => this.#close(index));
    const reason = reasons.get(this.#stop) ?? 'other';
    const finish = this.#calls > 0 && reason === 'stop' ? 'tool-calls' : reason;
    return [...open, ...this.#counted(), { type: 'finish', reason: finish, raw: this.#stop }];
  }

  #open(index: number, start: WireBlock): readonly LLMEvent[] {
    const [[kind, value] = ['', undefined]] = Object.entries(start);
    // What begins without a word of its kind is told by its first piece.
    if (kind === '') return [];
    // A second beginning ends what was there.
    const ended = this.#close(index);
    const block = openBlock(kind, value, this.#names);
    this.#blocks.set(index, block);
    return [...ended, ...this.#seen(block.begin)];
  }

  #piece(index: number, delta: WireBlock): readonly LLMEvent[] {
    return Object.entries(delta).flatMap(([kind, piece]) => {
      const begun = this.#blocks.has(index) ? [] : this.#open(index, { [kind]: undefined });
      return [...begun, ...this.#seen(this.#blocks.get(index)?.take(kind, piece) ?? [])];
    });
  }

  #close(index: number): readonly LLMEvent[] {
    const block = this.#blocks.get(index);
    this.#blocks.delete(index);
    return this.#seen(block?.end() ?? []);
  }

  #counted(): readonly LLMEvent[] {
    return this.#usage === null ? [] : [countTokens(this.#usage)];
  }

  #seen(events: readonly LLMEvent[]): readonly LLMEvent[] {
    this.#began ||= events.length > 0;
    this.#calls += events.filter(({ type }) => type === 'tool.call').length;
    return events;
  }
}

const reasons: ReadonlyMap<string, FinishReason> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['tool_use', 'tool-calls'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['guardrail_intervened', 'content-filter'],
  ['content_filtered', 'content-filter'],
]);
