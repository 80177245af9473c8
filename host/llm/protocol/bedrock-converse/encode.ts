import type { LLMRequest, LLMTool } from '../../schema.ts';
import { wellFormed } from '../../well-formed.ts';
import { fieldsOf } from '../error-body.ts';
import { sortedOptions } from '../sorted-options.ts';
import { wireToolName } from '../tool-name.ts';
import { callsOf } from '../tool-results.ts';
import { encodeHistory } from './history.ts';
import { reasoningFields } from './reasoning.ts';
import { type Traits, traitsOf } from './traits.ts';
import {
  type CachePoint,
  type ConverseEncoding,
  protocolID,
  type TextBlock,
  type UserBlock,
  type WireMessage,
} from './wire.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What `options` may not replace: the conversation itself. The last two are merged. */
const ours = new Set([
  'modelId',
  'messages',
  'system',
  'toolConfig',
  'inferenceConfig',
  'additionalModelRequestFields',
]);

/** Options of the format; any other is the model's own, and goes where the format has such. */
const formatOptions = new Set([
  'additionalModelResponseFieldPaths',
  'guardrailConfig',
  'outputConfig',
  'performanceConfig',
  'promptVariables',
  'requestMetadata',
  'serviceTier',
]);

/** The wire body. Field order is fixed and options are sorted, so that equal requests are equal bytes. */
export function encodeConverse(request: LLMRequest, encoding: ConverseEncoding): object {
  const traits = traitsOf(request.model, encoding);
  const { options = {} } = request;
  const more = modelFields(request, traits);
  const inference = inferenceFields(request, more);
  const rest = Object.entries(sortedOptions(options, ours)).filter(([name]) => formatOptions.has(name));
  return wellFormed({
    ...toolField(request, traits),
    ...systemField(request.system, traits),
    messages: markTurns(encodeHistory(request.messages, traits), traits),
    ...(Object.keys(inference).length > 0 && { inferenceConfig: inference }),
    ...(Object.keys(more).length > 0 && { additionalModelRequestFields: more }),
    ...Object.fromEntries(rest),
  }) as object; // the same shape as its argument, with strings mended
}

/**
 * Four marks at most: tools and baseline, which every request of an epoch shares, and the latest two turns of the user,
 * so that the next request finds what this one wrote.
 */
const mark: CachePoint = { cachePoint: { type: 'default' } };

function toolField({ tools, nativeTools = [], messages }: LLMRequest, { cache }: Traits): object {
  const native = nativeTools.filter(({ protocol }) => protocol === protocolID);
  const offered = [...tools.map(toolSpec), ...native.map(({ definition }) => definition)];
  const all = offered.length > 0 ? offered : goneTools(messages);
  return all.length === 0 ? {} : { toolConfig: { tools: cache.has('tools') ? [...all, mark] : all } };
}

function toolSpec({ name, description, parameters }: LLMTool): object {
  const words = description.trim() === '' ? {} : { description };
  return { toolSpec: { name: wireToolName(name), ...words, inputSchema: { json: parameters } } };
}

/**
 * Bedrock refuses calls in a history where the request has no tools, and it knows no choice "none". So the tools that
 * the history names are named again, and said to be gone: the history stays as it was, and nothing is offered.
 */
function goneTools(messages: LLMRequest['messages']): readonly object[] {
  const calls = messages.flatMap((message) => (message.type === 'assistant' ? callsOf(message) : []));
  const names = [...new Set(calls.map(({ name }) => name))];
  return names.map((name) => toolSpec({ name, description: gone, parameters: { type: 'object' } }));
}

const gone = 'Was used earlier in this conversation. It is not available any more; do not call it.';

function systemField(system: readonly string[], { cache }: Traits): object {
  const blocks = system.filter((part) => part.trim() !== '').map((text): TextBlock => ({ text }));
  if (blocks.length === 0) return {};
  return { system: cache.has('system') ? [...blocks, mark] : blocks };
}

function markTurns(messages: readonly WireMessage[], { cache }: Traits): readonly WireMessage[] {
  const takesMark = (message: WireMessage): boolean => {
    if (message.role !== 'user' || markPlace(message.content) === 0) return false;
    return cache.has(message.content.some((block) => 'toolResult' in block) ? 'results' : 'prompts');
  };
  const latest = new Set(messages.filter(takesMark).slice(-2));
  return messages.map((message) =>
    message.role === 'user' && latest.has(message)
      ? { ...message, content: message.content.toSpliced(markPlace(message.content), 0, mark) }
      : message,
  );
}

/**
 * Bedrock refuses a mark behind a document ("Field required", "nothing available to cache"), and results stay together;
 * 0 where none may stand.
 */
function markPlace(content: readonly UserBlock[]): number {
  const isInResult = content.some(
    (block) => 'toolResult' in block && block.toolResult.content.some((each) => 'document' in each),
  );
  if (isInResult) return 0;
  const document = content.findIndex((block) => 'document' in block);
  return document === -1 ? content.length : document;
}

/** What the format has no names for. */
function modelFields({ generation, options = {} }: LLMRequest, { reasoning }: Traits): Fields {
  const named = Object.entries(options).filter(([name]) => !formatOptions.has(name) && !ours.has(name));
  return sortedOptions(
    {
      ...reasoningFields(generation, reasoning),
      ...Object.fromEntries(named),
      ...fieldsOf(options['additionalModelRequestFields']),
    },
    new Set(),
  );
}

/** A model that thinks refuses to be told how to choose its words; Nova at its highest also how many. */
function inferenceFields({ generation, options = {} }: LLMRequest, more: Fields): Fields {
  const { maxOutputTokens, temperature, topP } = generation;
  const nova = fieldsOf(more['reasoningConfig']);
  const thinking = [fieldsOf(more['thinking']), nova].some(({ type = 'disabled' }) => type !== 'disabled');
  const isUnlimited = nova['maxReasoningEffort'] === 'high';
  return {
    ...(maxOutputTokens !== undefined && !isUnlimited && { maxTokens: maxOutputTokens }),
    ...(temperature !== undefined && !thinking && { temperature }),
    ...(topP !== undefined && !thinking && { topP }),
    ...sortedOptions(fieldsOf(options['inferenceConfig']), new Set()),
  };
}
