import * as Schema from 'effect/Schema';
import type { Decoder } from '../../route.ts';
import type { FinishReason, LLMEvent } from '../../schema.ts';
import { streamCut } from '../stream-cut.ts';
import { type OpenBlock, openBlock } from './blocks.ts';
import { MessagesUsage } from './usage.ts';
import { AnyEvent, knownEvents, WholeMessage, WireEvent } from './wire.ts';

const decodeAny = Schema.decodeUnknownResult(AnyEvent);
const decodeEvent = Schema.decodeUnknownResult(WireEvent);
const decodeWhole = Schema.decodeUnknownResult(WholeMessage);

/** The decoder of one answer; see `Decoder`. Errors inside the stream are the framing's affair. */
export function messagesDecoder(): Decoder {
  const answer = new Answer();
  return {
    push(chunk) {
      const any = decodeAny(chunk);
      if (any._tag === 'Failure') return answer.refuse(any.failure.message);
      if (any.success.type === 'message') return answer.takeWhole(chunk);
      if (!knownEvents.has(any.success.type)) return [];
      const event = decodeEvent(chunk);
      return event._tag === 'Failure' ? answer.refuse(event.failure.message) : answer.take(event.success);
    },
    end: () => answer.end(),
  };
}

class Answer {
  readonly #usage = new MessagesUsage();
  readonly #blocks = new Map<number, OpenBlock>();
  #stop: string | null = null;
  #began = false;
  #calls = 0;

  take(event: WireEvent): readonly LLMEvent[] {
    switch (event.type) {
      case 'message_start':
        this.#usage.take(event.message.usage ?? null);
        return [];
      case 'content_block_start': {
        const ended = this.#close(event.index);
        const block = openBlock(event.content_block);
        this.#blocks.set(event.index, block);
        return [...ended, ...this.#seen(block.begin)];
      }
      case 'content_block_delta':
        return this.#seen(this.#blocks.get(event.index)?.take(event.delta) ?? []);
      case 'content_block_stop':
        return this.#close(event.index);
      case 'message_delta':
        this.#stop = event.delta.stop_reason ?? this.#stop;
        this.#usage.take(event.usage ?? null);
        return [];
      case 'message_stop':
        return [];
    }
  }

  takeWhole(chunk: unknown): readonly LLMEvent[] {
    const decoded = decodeWhole(chunk);
    if (decoded._tag === 'Failure') return this.refuse(decoded.failure.message);
    const { content, stop_reason = null, usage = null } = decoded.success;
    this.#stop = stop_reason;
    this.#usage.take(usage);
    return content.flatMap((wire, index) => {
      const block = openBlock(wire);
      this.#blocks.set(index, block);
      return [...this.#seen(block.begin), ...this.#close(index)];
    });
  }

  /** What is no event of this format: the stream cannot be trusted any more. */
  refuse(problem: string): readonly LLMEvent[] {
    const message = `The provider sent what is not of the Messages format: ${problem}`;
    return [
      ...this.#usage.events(),
      { type: 'error', error: { code: 'protocol', message, retryable: false } },
    ];
  }

  end(): readonly LLMEvent[] {
    const usage = this.#usage.events();
    if (this.#stop === null) return [...usage, streamCut(this.#began)];
    const open = [...this.#blocks.keys()].flatMap((index) => this.#close(index));
    const reason = reasons.get(this.#stop) ?? 'other';
    const finish = this.#calls > 0 && reason === 'stop' ? 'tool-calls' : reason;
    return [...open, ...usage, { type: 'finish', reason: finish, raw: this.#stop }];
  }

  #close(index: number): readonly LLMEvent[] {
    const block = this.#blocks.get(index);
    this.#blocks.delete(index);
    const events = block?.end() ?? [];
    this.#calls += events.filter(({ type }) => type === 'tool.call').length;
    return this.#seen(events);
  }

  #seen(events: readonly LLMEvent[]): readonly LLMEvent[] {
    this.#began ||= events.length > 0;
    return events;
  }
}

/** `pause_turn` asks to be sent the answer so far: a turn of its own, as the caller sees it. */
const reasons: ReadonlyMap<string, FinishReason> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['tool_use', 'tool-calls'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['refusal', 'content-filter'],
]);
