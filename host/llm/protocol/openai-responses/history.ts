import type {
  AssistantMessage,
  FileContent,
  ImageContent,
  LLMMessage,
  ToolResultMessage,
  UserMessage,
} from '../../schema.ts';
import { wireCallID } from '../call-id.ts';
import { inputObject } from '../tool-input.ts';
import { wireToolName } from '../tool-name.ts';
import { callsOf, orphanText, resultText, ToolResults } from '../tool-results.ts';
import { type InputItem, type InputPart, protocolID } from './wire.ts';

/**
 * The conversation as input items, mended where the format is stricter than ours: each call is followed by its result,
 * and reasoning stays away where the server could not read it again.
 */
export function encodeHistory(messages: readonly LLMMessage[]): readonly InputItem[] {
  const results = new ToolResults(messages);
  const items = messages.flatMap((message, position) => {
    if (message.type === 'user') return said('user', message.content.flatMap(inputPart));
    if (message.type === 'system') return said('developer', text(message.text));
    if (message.type === 'tool-result') return results.isOrphan(message) ? orphan(message) : [];
    const outputs = callsOf(message).map(({ id }) => resultItem(id, results.of(position).get(id)));
    return [...message.content.flatMap(answerItem), ...outputs];
  });
  return items.length === 0 ? said('user', text(opening)) : items;
}

/** A request without words is refused. */
const opening = 'Continue.';

function said(role: 'user' | 'developer', content: readonly InputPart[]): readonly InputItem[] {
  return content.length === 0 ? [] : [{ role, content }];
}

function orphan(result: ToolResultMessage): readonly InputItem[] {
  return said('user', [...text(orphanText(result)), ...(result.attachments ?? []).map(media)]);
}

function answerItem(content: AssistantMessage['content'][number]): readonly InputItem[] {
  const facts = factsOf(content.metadata);
  switch (content.type) {
    case 'text': {
      if (content.text === '') return [];
      const { phase } = facts;
      const words = [{ type: 'output_text', text: content.text }] as const;
      const item = { type: 'message', role: 'assistant', content: words } as const;
      return [phase === undefined ? item : { ...item, phase }];
    }
    case 'tool-call': {
      const { namespace } = facts;
      return [
        {
          type: 'function_call',
          call_id: callID(content.id),
          name: wireToolName(content.name),
          arguments: JSON.stringify(inputObject(content.input)),
          ...(namespace !== undefined && { namespace }),
        },
      ];
    }
    default:
      return ownItem(facts['item']);
  }
}

/**
 * As it came. A thought loses its id: OpenAI demands that the item behind a thought with an id bears one too, and the
 * texts and calls that go back here bear none.
 */
function ownItem(item: unknown): readonly InputItem[] {
  if (typeof item !== 'object' || item === null) return [];
  const { id: _, ...rest }: Readonly<Record<string, unknown>> = { ...item };
  return [rest['type'] === 'reasoning' ? rest : { ...item }];
}

function resultItem(id: string, result: ToolResultMessage | undefined): InputItem {
  const words = resultText(result);
  const attachments = result?.attachments ?? [];
  const output = attachments.length === 0 ? words : [...text(words), ...attachments.map(media)];
  return { type: 'function_call_output', call_id: callID(id), output };
}

/** OpenAI refuses more characters. */
function callID(id: string): string {
  return wireCallID(id, 64);
}

function inputPart(content: UserMessage['content'][number]): readonly InputPart[] {
  return content.type === 'text' ? text(content.text) : [media(content)];
}

function media(content: ImageContent | FileContent): InputPart {
  if (content.type === 'file') {
    const { name = 'document', mime, data } = content;
    return { type: 'input_file', filename: name, file_data: `data:${mime};base64,${data}` };
  }
  const { source } = content;
  const url = source.type === 'url' ? source.url : `data:${source.mime};base64,${source.data}`;
  return { type: 'input_image', image_url: url, detail: 'auto' };
}

function text(words: string): readonly InputPart[] {
  return words === '' ? [] : [{ type: 'input_text', text: words }];
}

function factsOf(metadata: Readonly<Record<string, unknown>> | undefined): Readonly<Record<string, unknown>> {
  const own = metadata?.[protocolID];
  return typeof own === 'object' && own !== null ? { ...own } : {};
}
