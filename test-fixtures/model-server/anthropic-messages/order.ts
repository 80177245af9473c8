import { isBound, seal, sealedID } from '../seal.ts';
import type { AssistantBlock, MessagesRequest, UserBlock, WireMessage } from './request.ts';

/** What Anthropic would say of the order of these messages; null if there is nothing to say. */
export function orderProblem(messages: readonly WireMessage[]): string | null {
  for (const rule of rules) {
    const problem = rule(messages);
    if (problem !== null) return problem;
  }
  return null;
}

type Rule = (messages: readonly WireMessage[]) => string | null;

const rules: readonly Rule[] = [
  (messages) => (messages.length === 0 ? 'messages: at least one message is required' : null),
  ([first]) => (first?.role === 'user' ? null : 'messages: first message must use the "user" role'),
  (messages) => first(messages, ({ role }, at) => (messages[at - 1]?.role === role ? alternation : null)),
  (messages) => (messages.at(-1)?.role === 'user' ? null : noPrefill),
  (messages) =>
    first(messages, ({ content }, at) =>
      content.length === 0 ? `messages.${at}: all messages must have non-empty content` : null,
    ),
  (messages) => first(messages, finalThought),
  uniqueCalls,
  (messages) => first(messages, (message, at) => resultProblem(message, messages[at - 1], at)),
  (messages) => first(messages, (message, at) => answerProblem(message, messages[at + 1], at)),
  (messages) => first(messages, thoughtProblem),
  (messages) => first(messages, searchProblem),
];

const alternation =
  'messages: roles must alternate between "user" and "assistant", but found multiple roles in a row';
const noPrefill =
  'This model does not support assistant message prefill. The conversation must end with a user message.';

function first<T>(items: readonly T[], check: (item: T, at: number) => string | null): string | null {
  for (const [at, item] of items.entries()) {
    const problem = check(item, at);
    if (problem !== null) return problem;
  }
  return null;
}

function finalThought(message: WireMessage, at: number): string | null {
  const isThought = answered(message).at(-1)?.type === 'thinking';
  return isThought ? `messages.${at}: The final block in an assistant message cannot be \`thinking\`.` : null;
}

function uniqueCalls(messages: readonly WireMessage[]): string | null {
  const known = new Set<string>();
  return first(messages, (message, at) =>
    first(answered(message), (block, place) => {
      if (block.type !== 'tool_use') return null;
      if (known.has(block.id)) return `messages.${at}.content.${place}: \`tool_use\` ids must be unique`;
      known.add(block.id);
      return null;
    }),
  );
}

/** Results answer the calls right before them, once each, and stand before anything else. */
function resultProblem(message: WireMessage, before: WireMessage | undefined, at: number): string | null {
  const open = new Set(callIDs(before));
  let others = false;
  return first(asked(message), (block, place) => {
    if (block.type !== 'tool_result') {
      others = true;
      return null;
    }
    const where = `messages.${at}.content.${place}`;
    if (others) return `${where}: \`tool_result\` blocks must come first in the content`;
    if (!open.delete(block.tool_use_id)) {
      return `${where}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${block.tool_use_id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
    }
    const isEmpty = block.content === undefined || block.content.length === 0;
    if (block.is_error && isEmpty)
      return `${where}.tool_result: content cannot be empty if \`is_error\` is true`;
    return null;
  });
}

function answerProblem(message: WireMessage, next: WireMessage | undefined, at: number): string | null {
  const results = asked(next).flatMap((block) => (block.type === 'tool_result' ? [block.tool_use_id] : []));
  const open = callIDs(message).filter((id) => !results.includes(id));
  if (open.length === 0) return null;
  return `messages.${at}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
}

function thoughtProblem(message: WireMessage, at: number): string | null {
  const blocks = answered(message);
  const forged = blocks.findIndex(
    (block) => block.type === 'thinking' && block.signature !== seal(block.thinking),
  );
  if (forged !== -1) return `messages.${at}.content.${forged}: Invalid \`signature\` in \`thinking\` block`;
  const forgot = callIDs(message).some(isBound) && !blocks.some(({ type }) => type === 'thinking');
  return forgot
    ? `messages.${at}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${blocks[0]?.type}\`.`
    : null;
}

/** What the server's own tools did comes back whole and unchanged. */
function searchProblem(message: WireMessage, at: number): string | null {
  let open: string | undefined;
  const problem = first(answered(message), (block, place) => {
    const where = `messages.${at}.content.${place}`;
    if (block.type === 'server_tool_use') {
      open = block.id;
      const isOurs = block.id === sealedID('srvtoolu', block.input.query);
      return isOurs ? null : `${where}.server_tool_use: Invalid \`id\``;
    }
    if (block.type !== 'web_search_tool_result') return null;
    if (block.tool_use_id !== open) return `${where}: unexpected \`tool_use_id\` ${block.tool_use_id}`;
    open = undefined;
    const isOurs = block.content.every((each) => each.encrypted_content === seal(each.title));
    return isOurs ? null : `${where}: Invalid \`encrypted_content\` in \`search_result\` block`;
  });
  if (problem !== null || open === undefined) return problem;
  return `messages.${at}: \`web_search\` tool use with id \`${open}\` was found without a corresponding \`web_search_tool_result\` block`;
}

/** A prefix of the request may be cached in four places. */
export function cacheProblem({ tools = [], system = [], messages }: MessagesRequest): string | null {
  const said = messages.flatMap((message) => [...asked(message), ...answered(message)]);
  const blocks: readonly object[] = [...tools, ...(typeof system === 'string' ? [] : system), ...said];
  const marks = blocks.filter((block) => 'cache_control' in block).length;
  return marks > 4 ? `A maximum of 4 blocks with cache_control may be provided. Found ${marks}.` : null;
}

function callIDs(message: WireMessage | undefined): readonly string[] {
  return answered(message).flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
}

function asked(message: WireMessage | undefined): readonly UserBlock[] {
  return message?.role === 'user' && typeof message.content !== 'string' ? message.content : [];
}

function answered(message: WireMessage | undefined): readonly AssistantBlock[] {
  return message?.role === 'assistant' && typeof message.content !== 'string' ? message.content : [];
}
