import type {
  AssistantMessage,
  LLMMessage,
  ToolCallContent,
  ToolResultMessage,
  UserMessage,
} from '../../schema.ts';
import { inputObject } from '../tool-input.ts';
import { wireToolName } from '../tool-name.ts';
import { callsOf, orphanText, resultText, systemUpdate, ToolResults } from '../tool-results.ts';
import type { ChatAssistant, ChatEncoding, ChatMessage, ChatPart, ChatToolCall, ChatUser } from './wire.ts';
import { protocolID } from './wire.ts';

/**
 * The conversation in wire messages, mended where the format is stricter than ours: each call is followed at once by its
 * result, neighbouring user messages become one, empty messages are left out.
 */
export function encodeHistory(
  messages: readonly LLMMessage[],
  encoding: ChatEncoding,
): readonly ChatMessage[] {
  const results = new ToolResults(messages);
  const wire: ChatMessage[] = [];
  messages.forEach((message, position) => {
    if (message.type === 'assistant') {
      const own = results.of(position);
      wire.push(...turn(message, own, encoding));
      addUser(wire, [...own.values()].flatMap(attached));
    } else if (message.type === 'user') addUser(wire, message.content.map(part));
    else if (message.type === 'system') addUser(wire, [{ type: 'text', text: systemUpdate(message.text) }]);
    else if (results.isOrphan(message))
      addUser(wire, [{ type: 'text', text: orphanText(message) }, ...(message.attachments ?? []).map(part)]);
  });
  return wire.map(plain);
}

function turn(
  message: AssistantMessage,
  results: ReadonlyMap<string, ToolResultMessage>,
  encoding: ChatEncoding,
): readonly ChatMessage[] {
  const text = message.content.flatMap((each) => (each.type === 'text' ? [each.text] : [])).join('');
  const toolCalls = callsOf(message);
  if (toolCalls.length === 0) return text === '' ? [] : [{ role: 'assistant', content: text }];
  const assistant: ChatAssistant = {
    role: 'assistant',
    content: text === '' ? null : text,
    ...reasoningFields(message),
    tool_calls: toolCalls.map((call) => wireCall(call, encoding)),
  };
  const answers = toolCalls.map((call): ChatMessage => {
    const tool_call_id = callIDOf(call.id, encoding);
    return { role: 'tool', tool_call_id, content: resultText(results.get(call.id)) };
  });
  return [assistant, ...answers];
}

/**
 * Reasoning goes back only beside tool calls, where models that think between calls need it, and only in the form it
 * came in: others refuse the field. Drop foreign reasoning before encoding when a session changes its model.
 */
function reasoningFields(message: AssistantMessage): Partial<ChatAssistant> {
  const text = message.content.flatMap((each) =>
    each.type === 'reasoning' && facts(each.metadata)?.['field'] === 'reasoning_content' ? [each.text] : [],
  );
  const details = facts(message.metadata)?.['reasoningDetails'];
  return {
    ...(text.length > 0 && { reasoning_content: text.join('') }),
    ...(Array.isArray(details) && { reasoning_details: details }),
  };
}

function facts(metadata: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> | null {
  const own = metadata?.[protocolID];
  return typeof own === 'object' && own !== null ? { ...own } : null;
}

function callIDOf(id: string, { callID }: ChatEncoding): string {
  return callID === undefined ? id : callID(id);
}

function wireCall(call: ToolCallContent, encoding: ChatEncoding): ChatToolCall {
  const id = callIDOf(call.id, encoding);
  return {
    id,
    type: 'function',
    function: { name: wireToolName(call.name), arguments: JSON.stringify(inputObject(call.input)) },
  };
}

/** A result is text here: what belongs to it follows as the user's. */
function attached({ name, attachments = [] }: ToolResultMessage): readonly ChatPart[] {
  if (attachments.length === 0) return [];
  return [{ type: 'text', text: `Shown by ${name}:` }, ...attachments.map(part)];
}

function part(content: UserMessage['content'][number]): ChatPart {
  if (content.type === 'text') return { type: 'text', text: content.text };
  if (content.type === 'file') {
    const { name = 'document', mime, data } = content;
    return { type: 'file', file: { filename: name, file_data: `data:${mime};base64,${data}` } };
  }
  const { source } = content;
  const url = source.type === 'url' ? source.url : `data:${source.mime};base64,${source.data}`;
  return { type: 'image_url', image_url: { url } };
}

/** Joins a neighbouring user message: many chat templates demand that the roles alternate. */
function addUser(wire: ChatMessage[], parts: readonly ChatPart[]): void {
  const filled = parts.filter((each) => each.type !== 'text' || each.text !== '');
  if (filled.length === 0) return;
  const last = wire.at(-1);
  if (last?.role !== 'user' || typeof last.content === 'string') {
    wire.push({ role: 'user', content: filled });
    return;
  }
  wire[wire.length - 1] = { role: 'user', content: [...last.content, ...filled] };
}

/** Text alone goes as a plain string, which every server reads. */
function plain(message: ChatMessage): ChatMessage {
  if (message.role !== 'user' || typeof message.content === 'string') return message;
  const texts = message.content.flatMap((each) => (each.type === 'text' ? [each.text] : []));
  const onlyText = texts.length === message.content.length;
  const user: ChatUser = { role: 'user', content: onlyText ? texts.join('\n\n') : message.content };
  return user;
}
