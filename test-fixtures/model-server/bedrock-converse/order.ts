import { isBound, seal, sealedID } from '../seal.ts';
import type { AssistantBlock, ConverseRequest, UserBlock, WireMessage } from './request.ts';

/** What Bedrock would say of these messages; null if there is nothing to say. */
export function orderProblem({ messages, toolConfig }: ConverseRequest): string | null {
  if (messages[0]?.role !== 'user') return noBeginning;
  if (messages.at(-1)?.role !== 'user') return noPrefill;
  for (const [at, message] of messages.entries()) {
    const problem = messageProblem(messages, at) ?? signatureProblem(answered(message), at);
    if (problem !== null) return problem;
  }
  if (toolConfig === undefined && messages.some(hasTools)) return noTools;
  return documentProblem(messages) ?? cacheProblem(messages);
}

const noBeginning =
  'A conversation must start with a user message. Try again with a conversation that starts with a user message.';
const noPrefill =
  'This model does not support assistant message prefill. The conversation must end with a user message.';
const noTools = 'The toolConfig field must be defined when using toolUse and toolResult content blocks.';
const alternation =
  'A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again.';

function messageProblem(messages: readonly WireMessage[], at: number): string | null {
  const message = messages[at];
  const before = messages[at - 1];
  if (message === undefined) return null;
  if (before?.role === message.role) return alternation;
  if (message.content.length === 0)
    return `The content field in the Message object at messages.${at} is empty. Add a ContentBlock object to the content field and try again.`;
  const last = answered(message).at(-1);
  if (last !== undefined && 'reasoningContent' in last)
    return `messages.${at}: The final block in an assistant message cannot be \`thinking\`.`;
  return pairProblem(callsOf(before), resultsOf(message), at) ?? nextProblem(messages, at);
}

/** The results of a turn answer the calls right before it, once each. */
function pairProblem(calls: readonly string[], results: readonly string[], at: number): string | null {
  const where = `messages.${at}.content`;
  const missing = calls.filter((id) => !results.includes(id));
  if (missing.length > 0)
    return `Expected toolResult blocks at ${where} for the following Ids: ${missing.join(', ')}`;
  if (new Set(results).size < results.length)
    return `The toolResult blocks at ${where} contain duplicate Ids.`;
  if (results.length > calls.length)
    return `The number of toolResult blocks at ${where} exceeds the number of toolUse blocks of previous turn.`;
  return null;
}

/** No call of this turn was made before, in all the conversation. */
function nextProblem(messages: readonly WireMessage[], at: number): string | null {
  const known = messages.slice(0, at).flatMap(callsOf);
  const ids = callsOf(messages[at]);
  const repeats = ids.some((id, place) => known.includes(id) || ids.indexOf(id) < place);
  return repeats ? `messages.${at}: \`tool_use\` ids must be unique` : null;
}

/** What the server gave out comes back as it was. */
function signatureProblem(blocks: readonly AssistantBlock[], at: number): string | null {
  const forged = blocks.findIndex((block) => !isGenuine(block));
  if (forged !== -1) return `messages.${at}.content.${forged}: Invalid \`signature\` in \`thinking\` block`;
  const thinks = blocks.some((block) => 'reasoningContent' in block);
  const bound = blocks.some((block) => 'toolUse' in block && isBound(block.toolUse.toolUseId));
  if (bound && !thinks)
    return `messages.${at}.content.0.type: Expected \`thinking\`, but found \`tool_use\`.`;
  return searchProblem(blocks, at);
}

function isGenuine(block: AssistantBlock): boolean {
  if ('reasoningContent' in block) {
    const { text, signature } = block.reasoningContent.reasoningText;
    return signature === seal(text);
  }
  if ('toolUse' in block && block.toolUse.type !== undefined) {
    const { toolUseId, input } = block.toolUse;
    return toolUseId === sealedID('tooluse', String(input['query']));
  }
  return true;
}

function searchProblem(blocks: readonly AssistantBlock[], at: number): string | null {
  const asked = blocks.flatMap((block) =>
    'toolUse' in block && block.toolUse.type !== undefined ? [block.toolUse.toolUseId] : [],
  );
  const found = blocks.flatMap((block) => ('toolResult' in block ? [block.toolResult.toolUseId] : []));
  return asked.join() === found.join() ? null : `messages.${at}: a tool of the server is without its result.`;
}

/** Names of documents are unique, and there are words about each. */
function documentProblem(messages: readonly WireMessage[]): string | null {
  const names = messages.flatMap(asked).flatMap(documentsIn);
  if (new Set(names).size < names.length) return 'Documents in a request must have different names.';
  const mute = messages.some((message) => {
    const blocks = asked(message);
    return blocks.some((block) => 'document' in block) && !blocks.some((block) => 'text' in block);
  });
  return mute ? 'A text block must be included along with document blocks.' : null;
}

function documentsIn(block: UserBlock): readonly string[] {
  if ('document' in block) return [block.document.name];
  if (!('toolResult' in block)) return [];
  return block.toolResult.content.flatMap((each) => ('document' in each ? [each.document.name] : []));
}

/** A mark needs something before it. */
function cacheProblem(messages: readonly WireMessage[]): string | null {
  const leading = messages.some(({ content }) => content[0] !== undefined && 'cachePoint' in content[0]);
  return leading ? 'A cachePoint must follow the content that it marks.' : null;
}

function hasTools({ content }: WireMessage): boolean {
  return content.some((block) => 'toolUse' in block || 'toolResult' in block);
}

/** Of the host's tools. */
function callsOf(message: WireMessage | undefined): readonly string[] {
  return answered(message).flatMap((block) =>
    'toolUse' in block && block.toolUse.type === undefined ? [block.toolUse.toolUseId] : [],
  );
}

function resultsOf(message: WireMessage): readonly string[] {
  return asked(message).flatMap((block) => ('toolResult' in block ? [block.toolResult.toolUseId] : []));
}

function asked(message: WireMessage): readonly UserBlock[] {
  return message.role === 'user' ? message.content : [];
}

function answered(message: WireMessage | undefined): readonly AssistantBlock[] {
  return message?.role === 'assistant' ? message.content : [];
}
