import * as Schema from 'effect/Schema';
import type { Decoder } from '../../route.ts';
import type { FinishReason, LLMEvent } from '../../schema.ts';
import { classifyOpenAI } from '../openai-errors.ts';
import { streamCut } from '../stream-cut.ts';
import { type ItemDelta, type OpenItem, openItem } from './items.ts';
import { countTokens } from './usage.ts';
import { AnyEvent, knownEvents, WireEvent, type WireItem, WireResponse } from './wire.ts';

const decodeAny = Schema.decodeUnknownResult(AnyEvent);
const decodeEvent = Schema.decodeUnknownResult(WireEvent);
const decodeResponse = Schema.decodeUnknownResult(WireResponse);

/** The decoder of one answer; see `Decoder`. */
export function responsesDecoder(): Decoder {
  const answer = new Answer();
  return {
    push(chunk) {
      const any = decodeAny(chunk);
      if (any._tag === 'Failure') return answer.refuse(any.failure.message);
      const { type, object } = any.success;
      if (type === 'error') return answer.fail(chunk);
      if (object === 'response' && !type) return answer.takeWhole(chunk);
      if (!type || !knownEvents.has(type)) return [];
      const event = decodeEvent(chunk);
      return event._tag === 'Failure' ? answer.refuse(event.failure.message) : answer.take(event.success);
    },
    end: () => answer.end(),
  };
}

type Delta = Extract<WireEvent, { readonly delta: string }>;

class Answer {
  readonly #items = new Map<string, OpenItem>();
  /** How the answer ended, in the provider's words. */
  #response: WireResponse | undefined;
  #began = false;
  #calls = 0;

  take(event: WireEvent): readonly LLMEvent[] {
    if ('delta' in event) return this.#seen(this.#items.get(placeOf(event))?.take(deltaOf(event)) ?? []);
    switch (event.type) {
      case 'response.output_item.added':
        return this.#open(placeOf(event), event.item);
      case 'response.output_item.done':
        return this.#close(placeOf(event), event.item);
      case 'response.failed':
        return this.fail(event.response.error, event.response);
      default:
        this.#response = event.response;
        return [];
    }
  }

  /** A server that does not stream. */
  takeWhole(chunk: unknown): readonly LLMEvent[] {
    const decoded = decodeResponse(chunk);
    if (decoded._tag === 'Failure') return this.refuse(decoded.failure.message);
    const response = decoded.success;
    if (response.status === 'failed') return this.fail(response.error, response);
    this.#response = response;
    return (response.output ?? []).flatMap((item, index) => this.#close(`${index}`, item));
  }

  /** What is no event of this format: the stream cannot be trusted any more. */
  refuse(problem: string): readonly LLMEvent[] {
    const message = `The provider sent what is not of the Responses format: ${problem}`;
    return [{ type: 'error', error: { code: 'protocol', message, retryable: false } }];
  }

  fail(payload: unknown, response?: WireResponse): readonly LLMEvent[] {
    // The time matters for headers alone, and there are none.
    const error = classifyOpenAI({ type: 'in-stream', payload, headers: {} }, 0);
    return [...usageOf(response), { type: 'error', error }];
  }

  end(): readonly LLMEvent[] {
    const response = this.#response;
    if (response === undefined) return [streamCut(this.#began)];
    const open = [...this.#items.keys()].flatMap((place) => this.#close(place, unfinished));
    const raw = response.incomplete_details?.reason ?? response.status ?? null;
    const reason = raw === null ? 'stop' : (reasons.get(raw) ?? 'other');
    const finish = this.#calls > 0 && reason === 'stop' ? 'tool-calls' : reason;
    return [...open, ...usageOf(response), { type: 'finish', reason: finish, raw }];
  }

  #open(place: string, wire: WireItem): readonly LLMEvent[] {
    const ended = this.#items.has(place) ? this.#close(place, unfinished) : [];
    const item = openItem(wire);
    this.#items.set(place, item);
    return [...ended, ...this.#seen(item.begin)];
  }

  #close(place: string, wire: WireItem): readonly LLMEvent[] {
    const begun = this.#items.has(place) ? [] : this.#open(place, wire);
    const events = [...begun, ...(this.#items.get(place)?.end(wire) ?? [])];
    this.#items.delete(place);
    this.#calls += events.filter(({ type }) => type === 'tool.call').length;
    return this.#seen(events);
  }

  #seen(events: readonly LLMEvent[]): readonly LLMEvent[] {
    this.#began ||= events.length > 0;
    return events;
  }
}

/** An item whose end the server left out. */
const unfinished: WireItem = {};

/** Ids change between the events of one item at some servers: the place does not. */
function placeOf({
  output_index,
  item_id,
}: {
  output_index?: number | null;
  item_id?: string | null;
}): string {
  return `${output_index ?? item_id ?? 0}`;
}

function deltaOf({ type, delta, summary_index }: Delta): ItemDelta {
  const kind = type.includes('arguments') ? 'arguments' : type.includes('reasoning') ? 'reasoning' : 'text';
  return { kind, delta, summary: summary_index ?? 0 };
}

function usageOf(response: WireResponse | undefined): readonly LLMEvent[] {
  return response?.usage ? [countTokens(response.usage)] : [];
}

const reasons: ReadonlyMap<string, FinishReason> = new Map([
  ['completed', 'stop'],
  ['max_output_tokens', 'length'],
  ['max_tokens', 'length'],
  ['content_filter', 'content-filter'],
]);
