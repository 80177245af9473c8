import type { AssistantMessage, MessageError, TokenUsage } from '#shared/message.ts';
import type { CatalogModel } from '../../catalog/catalog.ts';
import { createLLM } from '../../llm/route.ts';
import type { FinishReason, LLMRequest } from '../../llm/schema.ts';
import { interruptedError, providerError } from '../errors.ts';
import { endedTurn } from './finish-turn.ts';
import type { OpenTurn } from './next-step.ts';
import type { DrainWorld } from './runner.ts';
import { type StreamEnd, TurnRecorder } from './turn-recorder.ts';

export interface StreamFacts {
  readonly info: AssistantMessage;
  readonly request: LLMRequest;
  readonly model: CatalogModel;
  readonly signal: AbortSignal;
}

export type Streamed =
  /** The turn has calls to settle. */
  { readonly type: 'calls'; readonly turn: OpenTurn } | { readonly type: 'ended' };

/**
 * The one call of the model in a provider turn (RT-04). What arrives is shown at once and kept as it settles; a
 * failure of the provider is an error on the message, an interruption is rethrown once what arrived is durable.
 */
export async function streamTurn(facts: StreamFacts, world: DrainWorld): Promise<Streamed> {
  const { info, request, model, signal } = facts;
  const { keep, commit, clock } = world;
  const recorder = new TurnRecorder({ ...world, message: info, checkpoint: keep });
  try {
    for await (const event of createLLM(model.route).stream(request, { signal })) recorder.take(event);
  } catch (error) {
    await commit([...recorder.settle(), endedTurn(info, clock.now(), interruptedError)]);
    throw error;
  }
  const { end } = recorder;
  if (!end) throw new Error('A stream without a terminal event');
  const streamed = { ...info, tokens: end.tokens, cost: costOf(end.tokens, model) };
  if (end.type === 'finish' && end.calls.length > 0) {
    const called: AssistantMessage = { ...streamed, finish: 'tool-calls' };
    keep([...recorder.settle(), { type: 'session.turn.streamed', info: called }]);
    return { type: 'calls', turn: { info: called, parts: end.calls } };
  }
  const ended = endedTurn(finished(streamed, end), clock.now(), errorOf(end, model));
  world.carry([...recorder.settle(), ended]);
  return { type: 'ended' };
}

function finished(info: AssistantMessage, end: StreamEnd): AssistantMessage {
  return end.type === 'finish' ? { ...info, finish: end.reason } : info;
}

function errorOf(end: StreamEnd, model: CatalogModel): MessageError | undefined {
  return end.type === 'error' ? providerError(end.error, model) : endings[end.reason]?.(model);
}

/** Ends that leave the answer short: the user is told why, and may go on. */
const endings: Partial<Record<FinishReason, (model: CatalogModel) => MessageError>> = {
  length: ({ choice, ref }) => ({
    name: 'MessageOutputLengthError',
    data: { code: 'output-limit', message: '', providerID: choice.providerName, modelID: ref.modelID },
  }),
  'content-filter': ({ choice, ref }) => ({
    name: 'ContentFilterError',
    data: { code: 'content-filter', message: '', providerID: choice.providerName, modelID: ref.modelID },
  }),
};

/** US dollars. */
function costOf({ input, output, cache }: TokenUsage, { price }: CatalogModel): number {
  const millionths =
    input * price.input +
    output * price.output +
    cache.read * price.cacheRead +
    cache.write * price.cacheWrite;
  return millionths / 1_000_000;
}
