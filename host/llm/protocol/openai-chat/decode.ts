import * as Schema from 'effect/Schema';
import type { Decoder } from '../../route.ts';
import type { FinishReason, LLMEvent, LLMRequest, Metadata } from '../../schema.ts';
import { streamCut } from '../stream-cut.ts';
import { CallAssembly } from './calls.ts';
import { joinDetails } from './details.ts';
import { ChatUsage } from './usage.ts';
import type { ContentPart, Delta, ReasoningDetail } from './wire.ts';
import { Chunk, protocolID } from './wire.ts';

const decodeChunk = Schema.decodeUnknownResult(Chunk);

/** Facts of a reasoning delta that came in `reasoning_content`: only those go back, see the encoder. */
const replayable: Metadata = { [protocolID]: { field: 'reasoning_content' } };

/** The decoder of one answer; see `Decoder`. Tolerates what servers that imitate the format are known to send. */
export function chatDecoder(request: LLMRequest): Decoder {
  const answer = new Answer(request);
  return {
    push(chunk) {
      const decoded = decodeChunk(chunk);
      if (decoded._tag === 'Failure') return answer.refuse(decoded.failure.message);
      return answer.take(decoded.success);
    },
    end: ({ complete }) => answer.end(complete),
  };
}

class Answer {
  readonly #calls: CallAssembly;
  readonly #usage = new ChatUsage();
  #details: readonly ReasoningDetail[] = [];
  #finish: string | null = null;
  #began = false;

  constructor(request: LLMRequest) {
    this.#calls = new CallAssembly(`${request.messages.length}`);
  }

  take(chunk: Chunk): readonly LLMEvent[] {
    if (chunk.id) this.#calls.nameStream(chunk.id);
    this.#usage.take(chunk.usage ?? chunk.x_groq?.usage ?? chunk.choices?.[0]?.usage ?? null);
    // One answer is asked for; a further choice would be somebody else's.
    const choice = chunk.choices?.find((each) => (each.index ?? 0) === 0);
    if (choice === undefined) return [];
    if (choice.finish_reason) this.#finish = choice.finish_reason;
    const delta = choice.delta ?? choice.message;
    return delta ? this.#delta(delta) : [];
  }

  /** A chunk that is no chunk of this format: the stream cannot be trusted any more. */
  refuse(problem: string): readonly LLMEvent[] {
    const message = `The provider sent a chunk that is not of the chat completions format: ${problem}`;
    return [
      ...this.#usage.events(),
      { type: 'error', error: { code: 'protocol', message, retryable: false } },
    ];
  }

  end(complete: boolean): readonly LLMEvent[] {
    const usage = this.#usage.events();
    const ended = this.#finish !== null || (complete && this.#began);
    if (!ended) return [...usage, streamCut(this.#began)];
    if (this.#finish === 'error') return [...usage, failed()];
    const calls = this.#calls.finish();
    return [...calls, ...usage, this.#finishEvent(calls.length > 0)];
  }

  #delta(delta: Delta): readonly LLMEvent[] {
    const events = [
      ...this.#reasoning(delta),
      ...content(delta),
      ...this.#calls.take(delta.tool_calls ?? []),
    ];
    this.#began ||= events.length > 0;
    return events;
  }

  #reasoning(delta: Delta): readonly LLMEvent[] {
    const details = delta.reasoning_details ?? [];
    this.#details = joinDetails(this.#details, details);
    if (delta.reasoning_content) {
      return [{ type: 'reasoning.delta', text: delta.reasoning_content, metadata: replayable }];
    }
    const text = delta.reasoning || details.map(detailText).join('');
    return text === '' ? [] : [{ type: 'reasoning.delta', text }];
  }

  #finishEvent(hasCalls: boolean): LLMEvent {
    const reason = finishReason(this.#finish, hasCalls);
    const finish = { type: 'finish', reason, raw: this.#finish } as const;
    if (this.#details.length === 0) return finish;
    return { ...finish, metadata: { [protocolID]: { reasoningDetails: this.#details } } };
  }
}

function content(delta: Delta): readonly LLMEvent[] {
  const { content: value } = delta;
  const events = typeof value === 'string' ? text(value) : (value ?? []).flatMap(partEvents);
  return [...events, ...text(delta.refusal ?? '')];
}

function partEvents(part: ContentPart): readonly LLMEvent[] {
  if (part.type !== 'thinking') return text(part.text ?? '');
  const { thinking } = part;
  const words =
    typeof thinking === 'string' ? thinking : (thinking ?? []).map((each) => each.text ?? '').join('');
  return words === '' ? [] : [{ type: 'reasoning.delta', text: words }];
}

function text(words: string): readonly LLMEvent[] {
  return words === '' ? [] : [{ type: 'text.delta', text: words }];
}

function detailText(detail: ReasoningDetail): string {
  const words = detail['text'] ?? detail['summary'];
  return typeof words === 'string' ? words : '';
}

function failed(): LLMEvent {
  const message = 'The provider ended the answer with an error and did not say which.';
  return { type: 'error', error: { code: 'server', message, retryable: true } };
}

/** Some servers say `stop` although they call tools, others say nothing at all. */
function finishReason(raw: string | null, hasCalls: boolean): FinishReason {
  const reason = raw === null ? 'stop' : (reasons.get(raw) ?? 'other');
  return hasCalls && (reason === 'stop' || reason === 'other') ? 'tool-calls' : reason;
}

const reasons: ReadonlyMap<string, FinishReason> = new Map([
  ['stop', 'stop'],
  ['end_turn', 'stop'],
  ['eos', 'stop'],
  ['stop_sequence', 'stop'],
  ['tool_calls', 'tool-calls'],
  ['tool_use', 'tool-calls'],
  ['function_call', 'tool-calls'],
  ['length', 'length'],
  ['max_tokens', 'length'],
  ['model_length', 'length'],
  ['content_filter', 'content-filter'],
]);
