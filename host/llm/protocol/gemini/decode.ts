import * as Schema from 'effect/Schema';
import type { Decoder } from '../../route.ts';
import type { FinishReason, LLMEvent, LLMRequest } from '../../schema.ts';
import { wireCallID } from '../call-id.ts';
import { streamCut } from '../stream-cut.ts';
import { classifyGemini } from './errors.ts';
import { Foundations } from './foundations.ts';
import { AnswerParts } from './parts.ts';
import { GeminiUsage } from './usage.ts';
import { type WireCandidate, WireChunk } from './wire.ts';

const decodeChunk = Schema.decodeUnknownResult(WireChunk);

/** The decoder of one answer; see `Decoder`. */
export function geminiDecoder(request: LLMRequest): Decoder {
  const answer = new Answer(request);
  return {
    // A stream that was not asked for as events is one array.
    push: (chunk) => (Array.isArray(chunk) ? answer.takeAll(chunk) : answer.take(chunk)),
    end: () => answer.end(),
  };
}

class Answer {
  readonly #usage = new GeminiUsage();
  readonly #foundations = new Foundations();
  readonly #parts: AnswerParts;
  #responseID = '';
  #stop: string | null = null;
  #blocked: string | null = null;
  #began = false;

  constructor({ messages }: LLMRequest) {
    // The same for the same answer, and another one in every other turn of the conversation.
    this.#parts = new AnswerParts((name, place) =>
      wireCallID(`${this.#responseID}/${messages.length}/${place}/${name}`, 0),
    );
  }

  takeAll(chunks: readonly unknown[]): readonly LLMEvent[] {
    const events: LLMEvent[] = [];
    for (const chunk of chunks) {
      events.push(...this.take(chunk));
      if (events.at(-1)?.type === 'error') break;
    }
    return events;
  }

  take(chunk: unknown): readonly LLMEvent[] {
    const decoded = decodeChunk(chunk);
    if (decoded._tag === 'Failure') return this.#refuse(decoded.failure.message);
    const { candidates, promptFeedback, usageMetadata, responseId, error } = decoded.success;
    this.#usage.take(usageMetadata ?? null);
    if (error !== undefined && error !== null) return this.#fail(chunk);
    this.#responseID = responseId ?? this.#responseID;
    this.#blocked = promptFeedback?.blockReason ?? this.#blocked;
    // Others are there only for who asks for several answers.
    const candidate = candidates?.find(({ index }) => !index);
    return candidate === undefined ? [] : this.#takeCandidate(candidate);
  }

  end(): readonly LLMEvent[] {
    const usage = this.#usage.events();
    const raw = this.#stop ?? this.#blocked;
    if (raw === null) return [...usage, streamCut(this.#began)];
    const reason = this.#stop === null ? 'content-filter' : (reasons.get(raw) ?? 'other');
    const isWhole = reason === 'stop' || reason === 'tool-calls';
    const events = [...this.#parts.end(isWhole), ...this.#foundations.events(), ...usage];
    return [...events, { type: 'finish', reason: withCalls(reason, this.#parts.calls), raw }];
  }

  #takeCandidate(candidate: WireCandidate): readonly LLMEvent[] {
    const events = (candidate.content?.parts ?? []).flatMap((part) => this.#parts.take(part));
    this.#stop = candidate.finishReason || this.#stop;
    this.#foundations.take(candidate);
    this.#began ||= events.length > 0;
    return events;
  }

  /** What is no chunk of this format: the stream cannot be trusted any more. */
  #refuse(problem: string): readonly LLMEvent[] {
    const message = `The provider sent what is not of the generateContent format: ${problem}`;
    return [
      ...this.#usage.events(),
      { type: 'error', error: { code: 'protocol', message, retryable: false } },
    ];
  }

  #fail(payload: unknown): readonly LLMEvent[] {
    // The time matters for dates in headers alone, and there are none.
    const error = classifyGemini({ type: 'in-stream', payload, headers: {} }, 0);
    return [...this.#usage.events(), { type: 'error', error }];
  }
}

function withCalls(reason: FinishReason, calls: number): FinishReason {
  if (reason === 'tool-calls' && calls === 0) return 'other';
  return calls > 0 && reason === 'stop' ? 'tool-calls' : reason;
}

/** A call of a tool that does not exist is a call: the answer to it says so. */
const reasons: ReadonlyMap<string, FinishReason> = new Map([
  ['STOP', 'stop'],
  ['UNEXPECTED_TOOL_CALL', 'tool-calls'],
  ['MAX_TOKENS', 'length'],
  ['SAFETY', 'content-filter'],
  ['RECITATION', 'content-filter'],
  ['BLOCKLIST', 'content-filter'],
  ['PROHIBITED_CONTENT', 'content-filter'],
  ['SPII', 'content-filter'],
  ['MODEL_ARMOR', 'content-filter'],
  ['IMAGE_SAFETY', 'content-filter'],
  ['IMAGE_PROHIBITED_CONTENT', 'content-filter'],
  ['IMAGE_RECITATION', 'content-filter'],
]);
