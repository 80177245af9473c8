import type { LLMRequest, LLMTool } from '../../schema.ts';
import { wellFormed } from '../../well-formed.ts';
import { sortedOptions } from '../sorted-options.ts';
import { markForCache } from './cache.ts';
import { encodeHistory } from './history.ts';
import { type ChatEncoding, type ChatMessage, protocolID } from './wire.ts';

/** What `options` may not replace: the conversation itself, and what the decoder relies on. */
const ours = new Set(['model', 'messages', 'tools', 'stream', 'stream_options', 'n']);

/** The wire body. Field order is fixed and options are sorted, so that equal requests are equal bytes. */
export function encodeChat(request: LLMRequest, encoding: ChatEncoding): object {
  const said = [...systemMessages(request.system), ...encodeHistory(request.messages, encoding)];
  const messages = said.length === 0 ? [opening] : said;
  return wellFormed({
    model: request.model,
    messages: encoding.marksCache?.(request.model) ? markForCache(messages) : messages,
    ...toolFields(request),
    stream: true,
    ...(!encoding.withoutUsageOption && { stream_options: { include_usage: true } }),
    ...generationFields(request, encoding),
    ...sortedOptions(request.options ?? {}, ours),
  }) as object; // the same shape as its argument, with strings mended
}

/** A request without words is refused. */
const opening: ChatMessage = { role: 'user', content: 'Continue.' };

/** One message: chat templates of local models accept a system message only at the start, and only one. */
function systemMessages(system: readonly string[]): readonly ChatMessage[] {
  const text = system.filter((part) => part !== '').join('\n\n');
  return text === '' ? [] : [{ role: 'system', content: text }];
}

function toolFields({ tools, nativeTools = [] }: LLMRequest): object {
  const native = nativeTools.filter(({ protocol }) => protocol === protocolID);
  const all = [...tools.map(functionTool), ...native.map(({ definition }) => definition)];
  return all.length === 0 ? {} : { tools: all, tool_choice: 'auto' };
}

function functionTool({ name, description, parameters }: LLMTool): object {
  return { type: 'function', function: { name, description, parameters } };
}

function generationFields({ generation, sessionID }: LLMRequest, encoding: ChatEncoding): object {
  const { maxOutputTokens, temperature, topP, reasoningEffort } = generation;
  return {
    ...(maxOutputTokens !== undefined && { [limitFields[encoding.limitName]]: maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(reasoningEffort !== undefined && effortField(reasoningEffort, encoding)),
    ...(encoding.cacheKey && sessionID !== undefined && { prompt_cache_key: sessionID }),
  };
}

const limitFields = { older: 'max_tokens', newer: 'max_completion_tokens' } as const;

function effortField(effort: string, { reasoningField }: ChatEncoding): object {
  return reasoningField === 'object' ? { reasoning: { effort } } : { reasoning_effort: effort };
}
