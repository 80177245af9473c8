import * as Schema from 'effect/Schema';
import type { Decoder } from '../../route.ts';
import type { LLMEvent, LLMRequest } from '../../schema.ts';
import { wireCallID } from '../call-id.ts';
import { fieldsOf } from '../error-body.ts';
import { streamCut } from '../stream-cut.ts';
import { wireToolName } from '../tool-name.ts';
import { type AnswerCall, AnswerPart, knownTypes } from './wire.ts';

const decodePart = Schema.decodeUnknownResult(AnswerPart);

/** The decoder of one answer; see `Decoder`. Calls come whole, and why an answer ended is not told. */
export function editorDecoder(request: LLMRequest): Decoder {
  const answer = new Answer(request);
  return {
    push: (part) => answer.take(part),
    end: ({ complete }) => answer.end(complete),
  };
}

class Answer {
  readonly #place: number;
  /** The tools' own names, by those that went out. */
  readonly #names: ReadonlyMap<string, string>;
  readonly #callIDs = new Set<string>();
  #began = false;

  constructor({ messages, tools }: LLMRequest) {
    this.#place = messages.length;
    this.#names = new Map(tools.map(({ name }) => [wireToolName(name), name]));
  }

  take(part: unknown): readonly LLMEvent[] {
    const { type } = fieldsOf(part);
    // What only the vendor reads, and whatever later editors bring.
    if (typeof type === 'string' && !knownTypes.has(type)) return [];
    const decoded = decodePart(part);
    if (decoded._tag === 'Failure') return [refusal(decoded.failure.message)];
    const events = this.#eventsOf(decoded.success);
    this.#began ||= events.length > 0;
    return events;
  }

  end(complete: boolean): readonly LLMEvent[] {
    if (!complete || !this.#began) return [streamCut(this.#began)];
    return [{ type: 'finish', reason: this.#callIDs.size > 0 ? 'tool-calls' : 'stop', raw: null }];
  }

  #eventsOf(part: AnswerPart): readonly LLMEvent[] {
    switch (part.type) {
      case 'text':
        return part.value === '' ? [] : [{ type: 'text.delta', text: part.value }];
      case 'thinking': {
        const text = typeof part.value === 'string' ? part.value : part.value.join('');
        return text === '' ? [] : [{ type: 'reasoning.delta', text }];
      }
      case 'tool-call':
        return this.#call(part);
    }
  }

  #call({ callID: given, name: named, input }: AnswerCall): readonly LLMEvent[] {
    const name = this.#names.get(named) ?? named;
    const isOwn = given === '' || this.#callIDs.has(given);
    // The same for the same answer, and another one in every other turn of the conversation.
    const callID = isOwn ? wireCallID(`${this.#place}/${this.#callIDs.size}/${name}`, 0) : given;
    this.#callIDs.add(callID);
    const value = input ?? {};
    return [
      { type: 'tool.input.started', callID, name },
      { type: 'tool.input.delta', callID, text: JSON.stringify(value) },
      { type: 'tool.call', callID, name, input: { type: 'json', value } },
    ];
  }
}

/** A part that is no part of this format: the stream cannot be trusted any more. */
function refusal(problem: string): LLMEvent {
  const message = `The editor sent a part of an answer that is none: ${problem}`;
  return { type: 'error', error: { code: 'protocol', message, retryable: false } };
}
