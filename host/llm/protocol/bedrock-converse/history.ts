import type { AssistantMessage, LLMMessage, ToolResultMessage, UserMessage } from '../../schema.ts';
import { distinctCalls } from '../distinct-calls.ts';
import { inputObject } from '../tool-input.ts';
import { wireToolName } from '../tool-name.ts';
import {
  callsOf,
  missingResult,
  orphanText,
  resultText,
  systemUpdate,
  ToolResults,
} from '../tool-results.ts';
import { converseCallID } from './call-ids.ts';
import { Conversation, text } from './conversation.ts';
import { Media } from './media.ts';
import { endedBlocks, pairedContent } from './own-blocks.ts';
import type { Traits } from './traits.ts';
import type { AssistantBlock, ResultBlock, TextBlock, UserBlock, WireMessage } from './wire.ts';
import { protocolID } from './wire.ts';

/**
 * The conversation in wire messages, mended where the format is stricter than ours: roles alternate and the user begins
 * and ends, each call is followed at once by its result, no text is blank, thinking without its signature stays away.
 */
export function encodeHistory(told: readonly LLMMessage[], traits: Traits): readonly WireMessage[] {
  const messages = distinctCalls(told);
  const results = new ToolResults(messages);
  const conversation = new Conversation(traits);
  const writer = new Writer(traits);
  messages.forEach((message, position) => {
    if (message.type === 'assistant') {
      const blocks = pairedContent(message.content).flatMap((each) => writer.answered(each));
      conversation.answer(endedBlocks(blocks));
      conversation.ask(writer.results(message, results.of(position)));
    } else if (message.type === 'user')
      conversation.ask(message.content.flatMap((each) => writer.asked(each)));
    else if (message.type === 'system') conversation.ask(text(systemUpdate(message.text)));
    else if (results.isOrphan(message)) conversation.ask(writer.orphan(message));
  });
  return conversation.whole();
}

/** Writes the blocks of one request. */
class Writer {
  readonly #traits: Traits;
  readonly #media = new Media();

  constructor(traits: Traits) {
    this.#traits = traits;
  }

  asked(content: UserMessage['content'][number]): readonly UserBlock[] {
    return content.type === 'text' ? text(content.text) : [this.#media.block(content)];
  }

  orphan(result: ToolResultMessage): readonly UserBlock[] {
    return [
      ...text(orphanText(result)),
      ...(result.attachments ?? []).map((each) => this.#media.block(each)),
    ];
  }

  /** Results first, as the format demands; behind them what a result cannot hold. */
  results(message: AssistantMessage, given: ReadonlyMap<string, ToolResultMessage>): readonly UserBlock[] {
    const written = callsOf(message).map(({ id }) => this.#result(id, given.get(id)));
    return [...written.map(({ block }) => block), ...written.flatMap(({ beside }) => beside)];
  }

  answered(content: AssistantMessage['content'][number]): readonly AssistantBlock[] {
    switch (content.type) {
      case 'text':
        return textBlock(content.text, facts(content.metadata)['citations']);
      case 'reasoning': {
        const { signature } = facts(content.metadata);
        if (typeof signature !== 'string') return [];
        return [{ reasoningContent: { reasoningText: { text: content.text, signature } } }];
      }
      case 'tool-call':
        return [this.#call(content)];
      case 'native': {
        const { block } = facts(content.metadata);
        return typeof block === 'object' && block !== null ? [{ ...block }] : [];
      }
    }
  }

  #call(
    content: Extract<AssistantMessage['content'][number], { readonly type: 'tool-call' }>,
  ): AssistantBlock {
    const { extra } = facts(content.metadata);
    const toolUse = {
      toolUseId: converseCallID(content.id, this.#traits),
      name: wireToolName(content.name),
      input: inputObject(content.input),
    };
    return { toolUse: { ...toolUse, ...(typeof extra === 'object' && extra) } };
  }

  #result(id: string, result: ToolResultMessage | undefined): Result {
    const toolUseId = converseCallID(id, this.#traits);
    const isError = result?.isError ?? true;
    const shown = (result?.attachments ?? []).map((each) => this.#media.block(each));
    const { documentsInResults, resultStatus } = this.#traits;
    const isInside = (block: UserBlock): boolean => documentsInResults || !('document' in block);
    const words = resultStatus ? (result?.output ?? missingResult) : resultText(result);
    const content = [...text(words), ...shown.filter(isInside)];
    const block: ResultBlock = {
      toolResult: {
        toolUseId,
        content: content.length === 0 ? [noWords] : content,
        ...(isError && resultStatus && { status: 'error' as const }),
      },
    };
    const documents = shown.filter((each) => !isInside(each));
    return { block, beside: documents.length === 0 ? [] : [...text(shownBy(result)), ...documents] };
  }
}

type Result = { readonly block: ResultBlock; readonly beside: readonly UserBlock[] };

const noWords: TextBlock = { text: 'The tool returned nothing.' };

function shownBy(result: ToolResultMessage | undefined): string {
  return `Shown by ${result?.name ?? 'the tool'}:`;
}

function textBlock(words: string, citations: unknown): readonly AssistantBlock[] {
  if (citations === undefined) return text(words);
  return text(words).map((block) => ({ citationsContent: { content: [block], citations } }));
}

function facts(metadata: Readonly<Record<string, unknown>> | undefined): Readonly<Record<string, unknown>> {
  const own = metadata?.[protocolID];
  return typeof own === 'object' && own !== null ? { ...own } : {};
}
