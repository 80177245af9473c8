import type { LLMRequest, LLMTool } from '../../schema.ts';
import { wellFormed } from '../../well-formed.ts';
import { sortedOptions } from '../sorted-options.ts';
import { encodeHistory } from './history.ts';
import { protocolID, type ResponsesEncoding } from './wire.ts';

/** What `options` may not replace: the conversation itself, and what the decoder relies on. */
const ours = new Set([
  'model',
  'instructions',
  'input',
  'tools',
  'stream',
  'background',
  'reasoning',
  'include',
]);

/** The wire body. Field order is fixed and options are sorted, so that equal requests are equal bytes. */
export function encodeResponses(request: LLMRequest, encoding: ResponsesEncoding): object {
  const { isStateless = true } = encoding;
  const { options = {} } = request;
  const instructions = request.system.filter((part) => part !== '').join('\n\n');
  return wellFormed({
    model: request.model,
    ...(instructions !== '' && { instructions }),
    input: encodeHistory(request.messages),
    ...toolFields(request),
    stream: true,
    ...(isStateless && { store: false, include: includes(options['include']) }),
    ...generationFields(request, encoding),
    ...sortedOptions(options, ours),
  }) as object; // the same shape as its argument, with strings mended
}

/** Without it, what the model thought could not go back to it. */
const encrypted = 'reasoning.encrypted_content';

function includes(wanted: unknown): readonly unknown[] {
  return [encrypted, ...(Array.isArray(wanted) ? wanted.filter((each) => each !== encrypted) : [])];
}

function toolFields({ tools, nativeTools = [] }: LLMRequest): object {
  const native = nativeTools.filter(({ protocol }) => protocol === protocolID);
  const all = [...tools.map(functionTool), ...native.map(({ definition }) => definition)];
  return all.length === 0 ? {} : { tools: all, tool_choice: 'auto' };
}

/** Not strict: that demands that every parameter be required. */
function functionTool({ name, description, parameters }: LLMTool): object {
  return { type: 'function', name, description, parameters, strict: false };
}

function generationFields(
  { generation, sessionID, options = {} }: LLMRequest,
  { cacheKey, withoutLimit }: ResponsesEncoding,
): object {
  const { maxOutputTokens, temperature, topP, reasoningEffort } = generation;
  const chosen = typeof options['reasoning'] === 'object' ? options['reasoning'] : {};
  const reasoning = {
    ...(reasoningEffort !== undefined && { effort: reasoningEffort, summary: 'auto' }),
    ...chosen,
  };
  return {
    ...(maxOutputTokens !== undefined && !withoutLimit && { max_output_tokens: maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(Object.keys(reasoning).length > 0 && { reasoning }),
    ...(cacheKey && sessionID !== undefined && { prompt_cache_key: sessionID }),
  };
}
