import type {
  AssistantMessage,
  FileContent,
  ImageContent,
  LLMMessage,
  ToolResultMessage,
  UserMessage,
} from '../../schema.ts';
import { wireCallID } from '../call-id.ts';
import { distinctCalls } from '../distinct-calls.ts';
import { inputObject } from '../tool-input.ts';
import { wireToolName } from '../tool-name.ts';
import { callsOf, missingResult, orphanText, systemUpdate, ToolResults } from '../tool-results.ts';
import { OwnBlocks } from './own-blocks.ts';
import type {
  AssistantBlock,
  DocumentBlock,
  ImageBlock,
  ResultBlock,
  TextBlock,
  UserBlock,
  WireMessage,
} from './wire.ts';
import { protocolID } from './wire.ts';

/**
 * The conversation in wire messages, mended where the format is stricter than ours: roles alternate and the user begins
 * and ends, each call has an id of its own and is followed at once by its result, no text is blank, thinking without its
 * signature or without anything behind it stays away.
 */
export function encodeHistory(history: readonly LLMMessage[]): readonly WireMessage[] {
  const messages = distinctCalls(history);
  const results = new ToolResults(messages);
  const conversation = new Conversation();
  messages.forEach((message, position) => {
    if (message.type === 'assistant') {
      conversation.answer(message.content.flatMap((each) => assistantBlock(each)));
      conversation.ask(callsOf(message).map(({ id }) => resultBlock(id, results.of(position).get(id))));
    } else if (message.type === 'user') conversation.ask(message.content.flatMap(userBlock));
    else if (message.type === 'system') conversation.ask(text(systemUpdate(message.text)));
    else if (results.isOrphan(message))
      conversation.ask([...text(orphanText(message)), ...(message.attachments ?? []).map(media)]);
  });
  return conversation.whole();
}

/** Joins what one side says in a row. */
class Conversation {
  readonly #messages: WireMessage[] = [];
  readonly #ownBlocks = new OwnBlocks();

  ask(blocks: readonly UserBlock[]): void {
    if (blocks.length === 0) return;
    this.#settle();
    const last = this.#messages.at(-1);
    if (last?.role === 'user') this.#replaceLast({ role: 'user', content: [...last.content, ...blocks] });
    else this.#messages.push({ role: 'user', content: blocks });
  }

  answer(blocks: readonly AssistantBlock[]): void {
    if (blocks.length === 0) return;
    const last = this.#messages.at(-1);
    if (last === undefined) this.ask(text(opening));
    if (last?.role === 'assistant')
      this.#replaceLast({ role: 'assistant', content: [...last.content, ...blocks] });
    else this.#messages.push({ role: 'assistant', content: blocks });
  }

  /** An answer at the end would be taken as the beginning of the next one, which newer models refuse. */
  whole(): readonly WireMessage[] {
    this.#settle();
    if (this.#messages.at(-1)?.role !== 'user') this.ask(text(opening));
    return this.#messages;
  }

  /** An answer that is over keeps of the model's own what can go back. */
  #settle(): void {
    const last = this.#messages.at(-1);
    if (last?.role !== 'assistant') return;
    const content = this.#ownBlocks.kept(last.content);
    if (content.length === 0) this.#messages.pop();
    else this.#replaceLast({ role: 'assistant', content });
  }

  #replaceLast(message: WireMessage): void {
    this.#messages[this.#messages.length - 1] = message;
  }
}

const opening = 'Continue.';

function assistantBlock(content: AssistantMessage['content'][number]): readonly AssistantBlock[] {
  switch (content.type) {
    case 'text': {
      const citations = facts(content.metadata)['citations'];
      return text(content.text).map((block) => (citations === undefined ? block : { ...block, citations }));
    }
    case 'reasoning': {
      const { signature } = facts(content.metadata);
      if (typeof signature !== 'string') return [];
      return [{ type: 'thinking', thinking: content.text, signature }];
    }
    case 'tool-call': {
      const { extra } = facts(content.metadata);
      const input = inputObject(content.input);
      return [
        {
          type: 'tool_use',
          id: callID(content.id),
          name: wireToolName(content.name),
          input,
          ...(extra as object | undefined),
        },
      ];
    }
    case 'native': {
      const { block } = facts(content.metadata);
      return typeof block === 'object' && block !== null ? [{ ...block }] : [];
    }
  }
}

/** The provider refuses every other character in the id of a call. */
function callID(id: string): string {
  return wireCallID(id, 64, allowed);
}

const allowed = /^[\w-]+$/;

function resultBlock(id: string, result: ToolResultMessage | undefined): ResultBlock {
  const call = { type: 'tool_result', tool_use_id: callID(id) } as const;
  if (result === undefined) return { ...call, content: missingResult, is_error: true };
  const { output, attachments = [], isError } = result;
  const words = isError && output.trim() === '' ? noWords : output;
  const content = attachments.length === 0 ? words : [...text(words), ...attachments.map(media)];
  return { ...call, content, ...(isError && { is_error: true as const }) };
}

/** An error without words is refused. */
const noWords = 'The tool failed without words.';

function userBlock(content: UserMessage['content'][number]): readonly UserBlock[] {
  return content.type === 'text' ? text(content.text) : [media(content)];
}

function media(content: ImageContent | FileContent): ImageBlock | DocumentBlock {
  if (content.type === 'file') {
    const { mime, data, name } = content;
    const source = { type: 'base64', media_type: mime, data } as const;
    return { type: 'document', source, ...(name !== undefined && { title: name }) };
  }
  const { source } = content;
  if (source.type === 'url') return { type: 'image', source };
  return { type: 'image', source: { type: 'base64', media_type: source.mime, data: source.data } };
}

/** Blank texts are refused. */
function text(words: string): readonly TextBlock[] {
  return words.trim() === '' ? [] : [{ type: 'text', text: words }];
}

function facts(metadata: Readonly<Record<string, unknown>> | undefined): Readonly<Record<string, unknown>> {
  const own = metadata?.[protocolID];
  return typeof own === 'object' && own !== null ? { ...own } : {};
}
