import type { AssistantMessage, MessageError } from '#shared/message.ts';
import type { CatalogModel } from '../../catalog/catalog.ts';
import { modelClock } from '../../catalog/model-clock.ts';
import { costOf } from '../../catalog/price.ts';
import { withRetries } from '../../llm/retry.ts';
import { createLLM } from '../../llm/route.ts';
import type { FinishReason, LLMError, LLMEvent, LLMRequest } from '../../llm/schema.ts';
import { hostError, interruptedError, providerError } from '../errors.ts';
import type { SessionEvent } from '../session-events.ts';
import { endedTurn, endFacts } from './finish-turn.ts';
import type { DrainWorld } from './runner.ts';
import { traceEvent } from './trace-event.ts';
import { type StreamEnd, TurnRecorder } from './turn-recorder.ts';

export interface StreamFacts {
  readonly info: AssistantMessage;
  readonly request: LLMRequest;
  readonly model: CatalogModel;
  readonly signal: AbortSignal;
  /** A text alone is wanted: calls that a model makes up are dropped. */
  readonly textOnly?: true;
  /** Facts that belong into the commit of an end from outside. */
  readonly whenCut?: (error: MessageError) => readonly SessionEvent[];
}

export interface RecordedStream {
  readonly end: StreamEnd;
  /** The turn with its tokens, its cost, and its finish or error. */
  readonly info: AssistantMessage;
  /** The facts that settle what arrived: to be kept with what follows. */
  readonly settled: readonly SessionEvent[];
  /** Something of an answer had come. */
  readonly began: boolean;
  /** The answer has words, thoughts aside. */
  readonly hasText: boolean;
}

/**
 * Plays the one request of a turn. What arrives is shown at once and kept as it settles; a failure of the provider is an
 * error on the turn. An interruption ends the turn, and is rethrown once what arrived is durable.
 */
export async function recordStream(facts: StreamFacts, world: DrainWorld): Promise<RecordedStream> {
  const { info, request, model, signal, textOnly, whenCut = () => [] } = facts;
  const tracer = world.traces.turn(info);
  const errorOf = (error: LLMError): MessageError => providerError(error, model);
  const recorder = new TurnRecorder({ ...world, message: info, errorOf, checkpoint: world.keep });
  const { secrets } = world;
  const core = createLLM(model.route, secrets ? { secrets } : {});
  const llm = withRetries(core, { ...world.retries, clock: modelClock(world.clock) });
  try {
    for await (const event of llm.stream(request, { signal, onSent: tracer.sent })) {
      traceEvent(tracer, event);
      if (!textOnly || !isOfTool(event)) recorder.take(event);
    }
  } catch (error) {
    const cut = signal.aborted ? interruptedError : hostError('unknown');
    tracer.end({ error: cut.data.code });
    await world.commit([...recorder.settle(), endedTurn(info, world.clock.now(), cut), ...whenCut(cut)]);
    throw error;
  }
  const { end, began, hasText } = recorder;
  if (!end) throw new Error('A stream without a terminal event');
  const ended = withEnd(info, end, model);
  if (end.type === 'error' || end.calls.length === 0) tracer.end(endFacts(ended));
  return { end, info: ended, settled: recorder.settle(), began, hasText };
}

function isOfTool({ type }: LLMEvent): boolean {
  return type.startsWith('tool.');
}

function withEnd(info: AssistantMessage, end: StreamEnd, model: CatalogModel): AssistantMessage {
  const error = end.type === 'error' ? providerError(end.error, model) : endings[end.reason]?.(model);
  return {
    ...info,
    tokens: end.tokens,
    cost: costOf(end.tokens, model.price),
    ...(end.type === 'finish' ? { finish: end.reason } : {}),
    ...(end.type === 'finish' && end.metadata ? { metadata: end.metadata } : {}),
    ...(error ? { error } : {}),
  };
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
