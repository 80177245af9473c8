import type { LLMRequest, LLMTool } from '../../schema.ts';
import { wellFormed } from '../../well-formed.ts';
import { fieldsOf } from '../error-body.ts';
import { sortedOptions } from '../sorted-options.ts';
import { encodeHistory } from './history.ts';
import { seriesOf, thinkingConfig } from './series.ts';
import { type GeminiEncoding, protocolID, type Series } from './wire.ts';

/** What `options` may not replace: the conversation itself, and what is merged below. The server reads both spellings. */
const ours = new Set([
  'model',
  'contents',
  'systemInstruction',
  'system_instruction',
  'tools',
  'generationConfig',
  'toolConfig',
]);

/** The wire body. Field order is fixed and options are sorted, so that equal requests are equal bytes. */
export function encodeGemini(request: LLMRequest, encoding: GeminiEncoding): object {
  const { series = seriesOf(request.model) } = encoding;
  return wellFormed({
    ...systemField(request.system),
    contents: encodeHistory(request.messages, series),
    ...toolFields(request, isMixing(request, encoding, series)),
    ...generationField(request, series),
    ...sortedOptions(request.options ?? {}, ours),
  }) as object; // the same shape as its argument, with strings mended
}

function systemField(system: readonly string[]): object {
  const parts = system.filter((text) => text !== '').map((text) => ({ text }));
  return parts.length === 0 ? {} : { systemInstruction: { parts } };
}

function toolFields(request: LLMRequest, mixes: boolean): object {
  const { tools, options = {} } = request;
  const declared = tools.length === 0 ? [] : [{ functionDeclarations: tools.map(declaration) }];
  const all = [...declared, ...nativeTools(request)];
  const config = {
    ...(mixes && { includeServerSideToolInvocations: true }),
    ...sortedOptions(fieldsOf(options['toolConfig']), nothing),
  };
  return {
    ...(all.length > 0 && { tools: all }),
    ...(Object.keys(config).length > 0 && { toolConfig: config }),
  };
}

const nothing: ReadonlySet<string> = new Set();

function declaration({ name, description, parameters }: LLMTool): object {
  return { name, description, parametersJsonSchema: parameters };
}

function nativeTools({ nativeTools: all = [] }: LLMRequest): readonly object[] {
  return all.filter(({ protocol }) => protocol === protocolID).map(({ definition }) => definition);
}

/** Tools of the server beside functions are refused unless the server may show what it did with them. */
function isMixing(request: LLMRequest, { platform }: GeminiEncoding, series: Series): boolean {
  const hasBoth = request.tools.length > 0 && nativeTools(request).length > 0;
  return hasBoth && series === 3 && platform !== 'vertex';
}

function generationField({ generation, model, options = {} }: LLMRequest, series: Series): object {
  const { maxOutputTokens, temperature, topP, reasoningEffort } = generation;
  const chosen = fieldsOf(options['generationConfig']);
  const chosenThinking = sortedOptions(fieldsOf(chosen['thinkingConfig']), nothing);
  // A level and a budget together are refused.
  const isSet = 'thinkingLevel' in chosenThinking || 'thinkingBudget' in chosenThinking;
  const thinking = {
    ...(reasoningEffort !== undefined && !isSet && thinkingConfig(reasoningEffort, model, series)),
    ...chosenThinking,
  };
  const config = {
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...sortedOptions(chosen, thinkingAlone),
    ...(Object.keys(thinking).length > 0 && { thinkingConfig: thinking }),
  };
  return Object.keys(config).length > 0 ? { generationConfig: config } : {};
}

const thinkingAlone: ReadonlySet<string> = new Set(['thinkingConfig']);
