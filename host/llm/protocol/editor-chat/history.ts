import type {
  AssistantMessage,
  ImageContent,
  LLMMessage,
  ToolResultMessage,
  UserMessage,
} from '../../schema.ts';
import { distinctCalls } from '../distinct-calls.ts';
import { inputObject } from '../tool-input.ts';
import { wireToolName } from '../tool-name.ts';
import { callsOf, orphanText, resultText, systemUpdate, ToolResults } from '../tool-results.ts';
import type { CallPart, DataPart, EditorMessage, ResultPart, TextPart } from './wire.ts';

/**
 * The conversation in messages of the editor's API, mended where vendors are stricter than ours: each call is followed
 * at once by its result, the user has the last word, no text is empty. Thoughts do not go back: the API has no place
 * for them.
 */
export function encodeHistory(messages: readonly LLMMessage[]): readonly EditorMessage[] {
  const all = distinctCalls(messages);
  const results = new ToolResults(all);
  const conversation = new Conversation();
  all.forEach((message, position) => {
    if (message.type === 'assistant') {
      const own = results.of(position);
      conversation.answer(message.content.flatMap(answerPart));
      conversation.report(callsOf(message).map(({ id }) => resultPart(id, own.get(id))));
    } else if (message.type === 'user') conversation.ask(message.content.flatMap(userPart));
    else if (message.type === 'system') conversation.ask(text(systemUpdate(message.text)));
    else if (results.isOrphan(message))
      conversation.ask([...text(orphanText(message)), ...(message.attachments ?? []).map(mediaPart)]);
  });
  return conversation.whole();
}

type Turn = { readonly by: 'user' | 'model' | 'tools'; readonly message: EditorMessage };
type Part = EditorMessage['content'][number];

/** Joins what one side says in a row. Results stay apart from words: vendors look for them right behind the calls. */
class Conversation {
  readonly #turns: Turn[] = [];

  ask(content: readonly (TextPart | DataPart)[]): void {
    this.#add('user', { role: 'user', content });
  }

  report(content: readonly ResultPart[]): void {
    this.#add('tools', { role: 'user', content });
  }

  answer(content: readonly (TextPart | CallPart)[]): void {
    this.#add('model', { role: 'assistant', content });
  }

  whole(): readonly EditorMessage[] {
    const last = this.#turns.at(-1)?.by ?? 'model';
    if (last === 'model') this.ask(text(opening));
    return this.#turns.map(({ message }) => message);
  }

  #add(by: Turn['by'], message: EditorMessage): void {
    if (message.content.length === 0) return;
    const last = this.#turns.at(-1);
    if (last?.by !== by) this.#turns.push({ by, message });
    else this.#turns[this.#turns.length - 1] = { by, message: joined(last.message, message) };
  }
}

function joined(first: EditorMessage, second: EditorMessage): EditorMessage {
  const content: readonly Part[] = [...first.content, ...second.content];
  return { ...first, content } as EditorMessage; // both are of one side
}

/** A request without words is refused. */
const opening = 'Continue.';

function answerPart(content: AssistantMessage['content'][number]): readonly (TextPart | CallPart)[] {
  if (content.type === 'text') return text(content.text);
  if (content.type !== 'tool-call') return [];
  const { id, name, input } = content;
  return [{ type: 'tool-call', callID: id, name: wireToolName(name), input: inputObject(input) }];
}

function resultPart(callID: string, result: ToolResultMessage | undefined): ResultPart {
  const shown = (result?.attachments ?? []).map(mediaPart);
  return { type: 'tool-result', callID, content: [{ type: 'text', value: resultText(result) }, ...shown] };
}

function userPart(content: UserMessage['content'][number]): readonly (TextPart | DataPart)[] {
  return content.type === 'text' ? text(content.text) : [mediaPart(content)];
}

type Media = Exclude<UserMessage['content'][number], { readonly type: 'text' }>;

function mediaPart(content: Media): TextPart | DataPart {
  if (content.type === 'file') return { type: 'data', mime: content.mime, data: content.data };
  return imagePart(content);
}

/** The API takes bytes only. */
function imagePart({ source }: ImageContent): TextPart | DataPart {
  if (source.type === 'url') return { type: 'text', value: `[An image at ${source.url}]` };
  return { type: 'data', mime: source.mime, data: source.data };
}

function text(value: string): readonly TextPart[] {
  return value === '' ? [] : [{ type: 'text', value }];
}
