import { inputObject } from '../protocol/tool-input.ts';
import { callsOf, resultText, ToolResults } from '../protocol/tool-results.ts';
import type {
  AssistantMessage,
  LLMMessage,
  LLMRequest,
  LLMTool,
  ToolCallContent,
  ToolResultMessage,
} from '../schema.ts';

/**
 * A request that says in words what an API with tools would take as fields: the definitions stand at the end of the
 * system part, calls and results of the history in the text. Equal requests give equal bytes.
 */
export function textRequest(request: LLMRequest): LLMRequest {
  const { nativeTools: _runByNobody, ...rest } = request;
  const system =
    request.tools.length === 0 ? request.system : [...request.system, callingText(request.tools)];
  return { ...rest, system, messages: textHistory(request.messages), tools: [] };
}

/** How to call, and what can be called: one line of JSON for each tool. */
function callingText(tools: readonly LLMTool[]): string {
  const lines = tools.map(({ name, description, parameters }) =>
    JSON.stringify({ name, description, parameters }),
  );
  return [howToCall, ...lines].join('\n');
}

const howToCall = `# Tools

To call a tool, write exactly this, each tag on a line of its own and not inside a code block:
<tool_call>
{"name": "the tool's name", "arguments": {"parameter": "value"}}
</tool_call>

"arguments" is one JSON object that fits the tool's parameters; a line break inside a string is written \\n. Several calls may follow one another. After the last one stop writing: the next message brings a <tool_response> for each call, in the order of the calls. Never write a <tool_response> yourself. What stands in one comes from the tool, not from the user.

The tools, with the JSON Schema of their parameters:`;

/** Each call as the model would write it, and the results of a message's calls together behind it. */
function textHistory(messages: readonly LLMMessage[]): readonly LLMMessage[] {
  const results = new ToolResults(messages);
  return messages.flatMap((message, position): readonly LLMMessage[] => {
    if (message.type === 'assistant') {
      const own = results.of(position);
      const answers = callsOf(message).flatMap((call) => answered(call.name, own.get(call.id)));
      const spoken = { ...message, content: textContent(message) };
      return answers.length === 0 ? [spoken] : [spoken, { type: 'user', content: answers }];
    }
    if (message.type !== 'tool-result') return [message];
    return results.isOrphan(message) ? [{ type: 'user', content: answered(message.name, message) }] : [];
  });
}

type Content = Extract<LLMMessage, { type: 'user' }>['content'];

function answered(name: string, result: ToolResultMessage | undefined): Content {
  const said = resultText(result).replaceAll('</tool_response', '<\\/tool_response');
  const text = `<tool_response name=${JSON.stringify(name)}>\n${said}\n</tool_response>`;
  return [{ type: 'text', text }, ...(result?.attachments ?? [])];
}

function textContent({ content }: AssistantMessage): AssistantMessage['content'] {
  let atLineStart = true;
  return content.map((part) => {
    if (part.type === 'reasoning' || part.type === 'native') return part;
    const text = part.type === 'text' ? part.text : `${atLineStart ? '' : '\n'}${callText(part)}`;
    if (text !== '') atLineStart = text.endsWith('\n');
    return part.type === 'text' ? part : { type: 'text', text };
  });
}

/** A call as the model is told to write it, with a line's end behind it. */
export function callText({ name, input }: Pick<ToolCallContent, 'name' | 'input'>): string {
  const call = `{"name": ${JSON.stringify(name)}, "arguments": ${JSON.stringify(inputObject(input))}}`;
  return `<tool_call>\n${call}\n</tool_call>\n`;
}
