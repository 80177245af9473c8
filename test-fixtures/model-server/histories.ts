import * as fc from 'fast-check';
import type { AssistantMessage, LLMMessage, LLMRequest, UserMessage } from '#host/llm/schema.ts';
import { startModelServer } from './server.ts';
import { requestTo, says, talk, tools } from './talk.ts';
import { type Way, ways } from './ways.ts';

type Part = AssistantMessage['content'][number];

/** Parts of answers as each protocol gives them, with all the facts that they carry. */
export async function spokenParts(): Promise<readonly Part[]> {
  const reply = [
    { reasoning: 'Let me think.' },
    { search: 'what to do', found: 'Read the file.' },
    { text: 'I shall read it.' },
    { tool: 'read', input: { filePath: 'a.ts' } },
    { tool: 'list', input: {} },
  ];
  await using server = await startModelServer({ scripts: { model: '*', turns: [{ reply }] } });
  const answers = ways.map(async (way) => {
    const conversation = talk(way, server.origin);
    await conversation.ask(says('do it'));
    return conversation.messages.flatMap((message) => (message.type === 'assistant' ? message.content : []));
  });
  return (await Promise.all(answers)).flat();
}

const words = fc.string({
  unit: fc.constantFrom('a', 'ß', ' ', '\ud83d', '\ude00', '\u0000', '"', '\n'),
  maxLength: 8,
});
const callID = fc.constantFrom('c1', 'c2', 'c3', '', 'a b', 'functions.read:0', 'ö', 'x'.repeat(90));
/** Models call what there is not, under names that no tool may have. */
const toolName = fc.constantFrom('read', 'list', 'functions.read', 'read the file', '');

const media: fc.Arbitrary<Exclude<UserMessage['content'][number], { readonly type: 'text' }>> = fc.oneof(
  fc.constantFrom('image/png', 'image/jpeg').map((mime) => ({
    type: 'image' as const,
    source: { type: 'data' as const, mime, data: 'iVBORw0KGgo' },
  })),
  fc.constant({
    type: 'image' as const,
    source: { type: 'url' as const, url: 'https://example.test/mill.png' },
  }),
  fc.option(words, { nil: undefined }).map((name) => ({
    type: 'file' as const,
    mime: 'application/pdf',
    data: 'JVBERi0xLjcK',
    ...(name !== undefined && { name }),
  })),
);

const call: fc.Arbitrary<Part> = fc.record({
  type: fc.constant('tool-call' as const),
  id: callID,
  name: toolName,
  input: fc.jsonValue(),
});

/** Any history that an unlucky host may come to: cut off, mixed from many models, with results lost and doubled. */
export function histories(spoken: readonly Part[]): fc.Arbitrary<readonly LLMMessage[]> {
  const said = words.map((text) => ({ type: 'text' as const, text }));
  const unsigned = words.map((text) => ({ type: 'reasoning' as const, text }));
  const part = fc.oneof(said, unsigned, call, fc.constantFrom(...spoken), fc.constantFrom(...spoken));
  const message: fc.Arbitrary<LLMMessage> = fc.oneof(
    fc.array(fc.oneof(said, media), { maxLength: 3 }).map((content) => says(...content)),
    words.map((text): LLMMessage => ({ type: 'system', text })),
    fc
      .uniqueArray(part, { maxLength: 6, selector: identity })
      .map((content): LLMMessage => ({ type: 'assistant', content })),
    fc
      .record({
        type: fc.constant('tool-result' as const),
        callID: fc.oneof(callID, fc.constantFrom(...callIDsOf(spoken))),
        name: toolName,
        output: words,
        isError: fc.boolean(),
        attachments: fc.array(media, { maxLength: 2 }),
      })
      .map((result): LLMMessage => result),
  );
  return fc.array(message, { maxLength: 8 }).map(withoutEchoes);
}

/** Calls of one answer have different ids, and what a server made of its own stands there once. */
function identity(part: Part): unknown {
  if (part.type === 'tool-call') return part.id;
  return part.type === 'native' ? part.metadata : part;
}

function withoutEchoes(history: readonly LLMMessage[]): readonly LLMMessage[] {
  const known = new Set<unknown>();
  const isNew = (part: Part): boolean => {
    if (part.type !== 'native') return true;
    const isKnown = known.has(part.metadata);
    known.add(part.metadata);
    return !isKnown;
  };
  return history.map((message) =>
    message.type === 'assistant' ? { ...message, content: message.content.filter(isNew) } : message,
  );
}

function callIDsOf(parts: readonly Part[]): readonly string[] {
  return parts.flatMap((part) => (part.type === 'tool-call' ? [part.id] : []));
}

/** A request about a history; some ask for a title or a summary, and offer no tools. */
export function requests(way: Way, spoken: readonly Part[]): fc.Arbitrary<LLMRequest> {
  return fc
    .record({ messages: histories(spoken), offers: fc.boolean(), system: fc.array(words, { maxLength: 2 }) })
    .map(({ messages, offers, system }) => ({
      ...requestTo(way, messages),
      system,
      tools: offers ? tools : [],
    }));
}
