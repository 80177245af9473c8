import type { LLMRequest, LLMTool } from '../../schema.ts';
import { wellFormed } from '../../well-formed.ts';
import { sortedOptions } from '../sorted-options.ts';
import { wireToolName } from '../tool-name.ts';
import { encodeHistory } from './history.ts';
import type { EditorMessage, EditorRequest, EditorTool } from './wire.ts';

/** The request. Options are sorted, so that equal requests are equal bytes. */
export function encodeEditorChat(request: LLMRequest): EditorRequest {
  return wellFormed({
    ...modelNamed(request.model),
    messages: [...systemMessage(request.system), ...encodeHistory(request.messages)],
    tools: request.tools.map(tool),
    modelOptions: { ...generationOptions(request), ...sortedOptions(request.options ?? {}, nothing) },
  }) as EditorRequest; // the same shape as its argument, with strings mended
}

const nothing: ReadonlySet<string> = new Set();

/** `vendor/id`; ids have slashes of their own. */
function modelNamed(model: string): Pick<EditorRequest, 'vendor' | 'id'> {
  const slash = model.indexOf('/');
  return { vendor: model.slice(0, Math.max(slash, 0)), id: model.slice(slash + 1) };
}

/**
 * The API has no role for the system: its text is the first message of the user, and one of its own.
 * Source: https://code.visualstudio.com/api/extension-guides/ai/language-model#build-the-language-model-prompt
 */
function systemMessage(system: readonly string[]): readonly EditorMessage[] {
  const value = system.filter((part) => part !== '').join('\n\n');
  return value === '' ? [] : [{ role: 'user', content: [{ type: 'text', value }] }];
}

function tool({ name, description, parameters }: LLMTool): EditorTool {
  return { name: wireToolName(name), description, inputSchema: parameters };
}

/**
 * Under the names that most vendors read; who does not know one passes over it. How long an answer may be stays the
 * vendor's affair: nobody tells its limit, and one too high is refused.
 */
function generationOptions({ generation }: LLMRequest): object {
  const { temperature, topP } = generation;
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
  };
}
