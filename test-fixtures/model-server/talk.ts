import { createLLM } from '#host/llm/route.ts';
import type {
  AssistantMessage,
  LLMEvent,
  LLMMessage,
  LLMRequest,
  ToolResultMessage,
  UserMessage,
} from '#host/llm/schema.ts';
import type { Way } from './ways.ts';

export const tools: LLMRequest['tools'] = ['read', 'list'].map((name) => ({
  name,
  description: `Does ${name}.`,
  parameters: { type: 'object', properties: { filePath: { type: 'string' } } },
}));

export function says(...content: readonly (string | UserMessage['content'][number])[]): UserMessage {
  const parts = content.map((each) =>
    typeof each === 'string' ? { type: 'text' as const, text: each } : each,
  );
  return { type: 'user', content: parts };
}

export function requestTo({ model }: Pick<Way, 'model'>, messages: readonly LLMMessage[]): LLMRequest {
  return { model, system: ['You are a test.'], messages, tools, generation: {} };
}

export type Talk = {
  /** Oldest first, with what the model said and the results it got. */
  readonly messages: readonly LLMMessage[];
  /** The user says it. */
  ask(message: UserMessage): Promise<readonly LLMEvent[]>;
  /** Answers the calls of the last answer. */
  report(...results: readonly ResultFacts[]): Promise<readonly LLMEvent[]>;
};

export type ResultFacts = Partial<ToolResultMessage> & { readonly output: string };

/** A conversation with a model, kept as a host keeps it: every fact goes back as it came. */
export function talk(way: Way, origin: string): Talk {
  const llm = createLLM(way.routeTo(origin));
  let messages: readonly LLMMessage[] = [];
  const send = async (...news: readonly LLMMessage[]): Promise<readonly LLMEvent[]> => {
    messages = [...messages, ...news];
    const events: LLMEvent[] = [];
    const { signal } = new AbortController();
    for await (const event of llm.stream(requestTo(way, messages), { signal })) events.push(event);
    messages = [...messages, answerOf(events)];
    return events;
  };
  return {
    get messages() {
      return messages;
    },
    ask: (message) => send(message),
    report: (...results) => send(...resultsOf(messages.at(-1), results)),
  };
}

/** Each result belongs to the call in its place, unless it names another. */
function resultsOf(
  answer: LLMMessage | undefined,
  results: readonly ResultFacts[],
): readonly ToolResultMessage[] {
  const parts = answer?.type === 'assistant' ? answer.content : [];
  const calls = parts.flatMap((part) => (part.type === 'tool-call' ? [part] : []));
  return results.map((result, place) => {
    const { id = '', name = '' } = calls[place] ?? {};
    return { type: 'tool-result', callID: id, name, isError: false, ...result };
  });
}

type Part = AssistantMessage['content'][number];

/** The message that a host makes of an answer. */
export function answerOf(events: readonly LLMEvent[]): AssistantMessage {
  const parts: Part[] = [];
  let isOpen = false;
  const grow = (type: 'text' | 'reasoning', text: string, facts: Pick<Part, 'metadata'>): void => {
    const last = parts.at(-1);
    if (isOpen && last?.type === type)
      parts[parts.length - 1] = { ...last, text: last.text + text, ...facts };
    else parts.push({ type, text, ...facts });
    isOpen = true;
  };
  for (const event of events) {
    const facts = 'metadata' in event && event.metadata !== undefined ? { metadata: event.metadata } : {};
    if (event.type === 'text.delta') grow('text', event.text, facts);
    if (event.type === 'reasoning.delta') grow('reasoning', event.text, facts);
    if (event.type === 'part.end') {
      const last = parts.at(-1);
      if (isOpen && last !== undefined) parts[parts.length - 1] = { ...last, ...facts };
      isOpen = false;
    }
    if (event.type === 'native') parts.push({ type: 'native', metadata: event.metadata });
    if (event.type === 'tool.call') {
      const input = event.input.type === 'json' ? event.input.value : event.input.text;
      parts.push({ type: 'tool-call', id: event.callID, name: event.name, input, ...facts });
    }
    if (event.type === 'native' || event.type === 'tool.call') isOpen = false;
  }
  const finish = events.find((event) => event.type === 'finish');
  return { type: 'assistant', content: parts, ...(finish?.metadata && { metadata: finish.metadata }) };
}

/** The words of an answer, put together. */
export function wordsOf(
  events: readonly LLMEvent[],
  type: 'text.delta' | 'reasoning.delta' = 'text.delta',
): string {
  return events.map((event) => (event.type === type ? event.text : '')).join('');
}
