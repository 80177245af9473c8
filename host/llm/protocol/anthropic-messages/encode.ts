import type { LLMRequest, LLMTool } from '../../schema.ts';
import { wellFormed } from '../../well-formed.ts';
import { sortedOptions } from '../sorted-options.ts';
import { encodeHistory } from './history.ts';
import {
  type CacheMark,
  type MessagesEncoding,
  protocolID,
  type TextBlock,
  type UserBlock,
  type WireMessage,
} from './wire.ts';

/** What `options` may not replace: the conversation itself, and what the decoder relies on. */
const ours = new Set(['model', 'messages', 'system', 'tools', 'stream']);

/** The wire body. Field order is fixed and options are sorted, so that equal requests are equal bytes. */
export function encodeMessages(request: LLMRequest, encoding: MessagesEncoding): object {
  const { cache = true, version } = encoding;
  const messages = encodeHistory(request.messages);
  const options = sortedOptions(request.options ?? {}, ours);
  return wellFormed({
    ...(version === undefined ? { model: request.model } : { anthropic_version: version }),
    ...toolFields(request, cache),
    ...systemField(request.system, cache),
    messages: cache ? markTurns(messages) : messages,
    stream: true,
    ...generationFields(request, encoding, 'thinking' in options),
    ...options,
  }) as object; // the same shape as its argument, with strings mended
}

/**
 * Four marks at most: tools and baseline, which every request of an epoch shares, and the latest two turns of the user,
 * so that the next request finds what this one wrote.
 */
const mark: Required<CacheMark> = { cache_control: { type: 'ephemeral' } };

function toolFields({ tools, nativeTools = [] }: LLMRequest, cache: boolean): object {
  const native = nativeTools.filter(({ protocol }) => protocol === protocolID);
  const all: readonly object[] = [...native.map(({ definition }) => definition), ...tools.map(functionTool)];
  return all.length === 0 ? {} : { tools: cache ? markLast(all) : all };
}

function functionTool({ name, description, parameters }: LLMTool): object {
  return { name, description, input_schema: parameters };
}

function systemField(system: readonly string[], cache: boolean): object {
  const texts = system.filter((part) => part.trim() !== '');
  const blocks = texts.map((text): TextBlock => ({ type: 'text', text }));
  return blocks.length === 0 ? {} : { system: cache ? markLast(blocks) : blocks };
}

function markTurns(messages: readonly WireMessage[]): readonly WireMessage[] {
  const latest = messages.filter(({ role }) => role === 'user').slice(-2);
  return messages.map((message) =>
    message.role === 'user' && latest.includes(message)
      ? { ...message, content: markLast(message.content) as readonly UserBlock[] }
      : message,
  );
}

function markLast<T extends object>(blocks: readonly T[]): readonly (T & CacheMark)[] {
  return blocks.map((block, index) => (index === blocks.length - 1 ? { ...block, ...mark } : block));
}

/** A model that thinks refuses to be told how to choose its words. */
function generationFields(
  { generation }: LLMRequest,
  { maxTokens = 8192 }: MessagesEncoding,
  isThinkingSet: boolean,
): object {
  const { maxOutputTokens, temperature, topP, reasoningEffort } = generation;
  const thinks = isThinkingSet || reasoningEffort !== undefined;
  return {
    max_tokens: maxOutputTokens ?? maxTokens,
    ...(temperature !== undefined && !thinks && { temperature }),
    ...(topP !== undefined && !thinks && { top_p: topP }),
    ...(reasoningEffort !== undefined && {
      ...(!isThinkingSet && { thinking: { type: 'adaptive' } }),
      output_config: { effort: reasoningEffort },
    }),
  };
}
