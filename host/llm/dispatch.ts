import { Answer } from './dispatch/answer.ts';
import type { Tool } from './dispatch/tool.ts';
import type { LLM } from './route.ts';
import type {
  AssistantMessage,
  FinishReason,
  LLMError,
  LLMEvent,
  LLMMessage,
  LLMRequest,
  ToolResultMessage,
} from './schema.ts';

export type RunOptions = {
  readonly tools: readonly Tool[];
  readonly signal: AbortSignal;
  /** Answers that the model may give in all. Default 20. */
  readonly maxTurns?: number;
  /** What of a tool's output goes to the model, beside the line that says how much was left out. Default 30,000. */
  readonly maxOutputCharacters?: number;
  /** Is told everything as it happens. */
  readonly onEvent?: (event: RunEvent) => void;
};

export type RunEvent = LLMEvent | { readonly type: 'tool.result'; readonly result: ToolResultMessage };

export type Run = {
  /** The messages of the request and all that came after them; every call has its result. */
  readonly messages: readonly LLMMessage[];
  readonly end:
    | { readonly type: 'finished'; readonly reason: FinishReason }
    /** The model wanted to go on calling; its last calls were not run, and are told so. */
    | { readonly type: 'turns-used' }
    /** The last answer failed; nothing of it is in the messages. */
    | { readonly type: 'failed'; readonly error: LLMError };
};

/**
 * Asks a model, runs the tools that it calls, and asks again with their results, until it answers without a call. Calls
 * of one answer run side by side. Whatever is wrong with a call goes to the model as a result. Throws `signal.reason`
 * on abort, and nothing else of its own.
 */
export async function runTools(
  llm: LLM,
  request: Omit<LLMRequest, 'tools'>,
  options: RunOptions,
): Promise<Run> {
  const { tools, signal, maxTurns = 20, onEvent } = options;
  const definitions = tools.map(({ definition }) => definition);
  const messages = [...request.messages];
  for (let turn = 1; ; turn += 1) {
    const asked = { ...request, messages: [...messages], tools: definitions };
    const answered = await ask(llm, asked, options);
    if (answered.type === 'failed') return { messages, end: answered };
    const { message, answer, reason } = answered;
    messages.push(message);
    if (answer.calls.length === 0) return { messages, end: { type: 'finished', reason } };
    const isLast = turn >= maxTurns;
    const results = isLast ? answer.calls.map(notRun) : await settleAll(answer.calls, options);
    signal.throwIfAborted();
    for (const result of results) onEvent?.({ type: 'tool.result', result });
    messages.push(...results);
    if (isLast) return { messages, end: { type: 'turns-used' } };
  }
}

type Answered =
  | {
      readonly type: 'answered';
      readonly message: AssistantMessage;
      readonly answer: Answer;
      readonly reason: FinishReason;
    }
  | { readonly type: 'failed'; readonly error: LLMError };

async function ask(llm: LLM, request: LLMRequest, { signal, onEvent }: RunOptions): Promise<Answered> {
  const answer = new Answer();
  for await (const event of llm.stream(request, { signal })) {
    onEvent?.(event);
    answer.take(event);
    if (event.type === 'error') return { type: 'failed', error: event.error };
    if (event.type === 'finish')
      return { type: 'answered', message: answer.message(event), answer, reason: event.reason };
  }
  throw new Error('The stream ended without a terminal event.');
}

type Call = Answer['calls'][number];

/** Results in the order of the calls. A tool that runs alone waits for those before it, and those after it wait. */
async function settleAll(calls: readonly Call[], options: RunOptions): Promise<readonly ToolResultMessage[]> {
  const results: ToolResultMessage[] = [];
  let beside: Call[] = [];
  const settleBeside = async (): Promise<void> => {
    const group = beside;
    beside = [];
    results.push(...(await Promise.all(group.map((call) => settle(call, options)))));
  };
  for (const call of calls) {
    const alone = toolOf(call, options)?.alone === true;
    if (alone) await settleBeside();
    beside.push(call);
    if (alone) await settleBeside();
  }
  await settleBeside();
  return results;
}

async function settle(call: Call, options: RunOptions): Promise<ToolResultMessage> {
  const { signal, maxOutputCharacters = 30_000 } = options;
  signal.throwIfAborted();
  const told = (output: string, isError: boolean): ToolResultMessage =>
    resultOf(call, bounded(output, maxOutputCharacters), isError);
  try {
    const prepared = prepare(call, options);
    if (typeof prepared === 'string') return told(prepared, true);
    return told(textOf(await untilAborted(prepared.run({ signal }), signal)), false);
  } catch (error) {
    signal.throwIfAborted();
    return told(error instanceof Error ? error.message : String(error), true);
  }
}

/** The call made ready, or what is wrong with it. */
function prepare(call: Call, options: RunOptions) {
  const { name, input } = call;
  const tool = toolOf(call, options);
  if (tool === undefined) {
    const names = options.tools.map(({ definition }) => definition.name).join(', ');
    return `There is no tool named ${JSON.stringify(name)}. Tools: ${names}.`;
  }
  if (input.type === 'malformed')
    return `The arguments of ${name} are no JSON object: ${JSON.stringify(input.text.slice(0, 200))}. Nothing was done; call it again.`;
  const prepared = tool.prepare(input.value);
  if (prepared.type === 'valid') return prepared;
  return `The arguments of ${name} are not valid: ${prepared.problems.join('; ')}. Nothing was done; call it again.`;
}

function toolOf({ name }: Call, { tools }: RunOptions): Tool | undefined {
  return tools.find(({ definition }) => definition.name === name);
}

function notRun(call: Call): ToolResultMessage {
  return resultOf(call, 'Not run: no further turn is allowed.', true);
}

function resultOf({ callID, name }: Call, output: string, isError: boolean): ToolResultMessage {
  return { type: 'tool-result', callID, name, output, isError };
}

function textOf(output: unknown): string {
  return typeof output === 'string' ? output : (JSON.stringify(output) ?? '');
}

/** A tool that does not listen to its signal is not waited for. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  work.then(resolve, reject);
  return promise.finally(() => signal.removeEventListener('abort', stop));
}

const brokenEnd = /[\ud800-\udbff]$/;
const brokenStart = /^[\udc00-\udfff]/;

/** The beginning and the end of a text that is too long, with no character torn, and what lies between them. */
export function bounded(text: string, most: number): string {
  if (text.length <= most) return text;
  const half = Math.ceil(most / 2);
  const head = text.slice(0, half).replace(brokenEnd, '');
  const tail = text.slice(text.length - (most - half)).replace(brokenStart, '');
  const left = text.length - head.length - tail.length;
  return `${head}\n… ${left} characters left out …\n${tail}`;
}
