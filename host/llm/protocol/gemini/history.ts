import type {
  AssistantMessage,
  LLMMessage,
  ToolCallContent,
  ToolResultMessage,
  UserMessage,
} from '../../schema.ts';
import { inputObject } from '../tool-input.ts';
import { wireToolName } from '../tool-name.ts';
import { callsOf, missingResult, orphanText, systemUpdate, ToolResults } from '../tool-results.ts';
import { isInline, mediaPart } from './media.ts';
import type { MediaPart, ModelPart, ResponsePart, Series, UserPart, WireContent } from './wire.ts';
import { protocolID } from './wire.ts';

/**
 * The conversation in wire contents, mended where the format is stricter than ours: the user begins and ends, each call
 * is followed at once by its result in a content of its own, no text is empty, thoughts without their signature stay
 * away.
 */
export function encodeHistory(messages: readonly LLMMessage[], series: Series): readonly WireContent[] {
  const results = new ToolResults(messages);
  const conversation = new Conversation();
  messages.forEach((message, position) => {
    if (message.type === 'assistant') {
      const own = results.of(position);
      conversation.answer(answerParts(message, series));
      conversation.report(callsOf(message).map((call) => responsePart(call, own.get(call.id), series)));
      conversation.ask([...own.values()].flatMap((result) => besideResult(result, series)));
    } else if (message.type === 'user') conversation.ask(message.content.flatMap(userPart));
    else if (message.type === 'system') conversation.ask(text(systemUpdate(message.text)));
    else if (results.isOrphan(message))
      conversation.ask([...text(orphanText(message)), ...(message.attachments ?? []).map(mediaPart)]);
  });
  return conversation.whole();
}

type Turn = { readonly by: 'user' | 'model' | 'tools'; readonly content: WireContent };

/** Joins what one side says in a row. Results of tools stay apart from words: the server counts them by content. */
class Conversation {
  readonly #turns: Turn[] = [];

  ask(parts: readonly UserPart[]): void {
    this.#add('user', { role: 'user', parts });
  }

  report(parts: readonly ResponsePart[]): void {
    this.#add('tools', { role: 'user', parts });
  }

  answer(parts: readonly ModelPart[]): void {
    if (parts.length > 0 && this.#turns.length === 0) this.ask(text(opening));
    this.#add('model', { role: 'model', parts });
  }

  /** The last word is the user's. */
  whole(): readonly WireContent[] {
    const last = this.#turns.at(-1)?.by ?? 'model';
    if (last === 'model') this.ask(text(opening));
    return this.#turns.map(({ content }) => content);
  }

  #add(by: Turn['by'], content: WireContent): void {
    if (content.parts.length === 0) return;
    const last = this.#turns.at(-1);
    if (last?.by !== by) this.#turns.push({ by, content });
    else this.#turns[this.#turns.length - 1] = { by, content: joined(last.content, content) };
  }
}

function joined(first: WireContent, second: WireContent): WireContent {
  return { ...first, parts: [...first.parts, ...second.parts] } as WireContent; // both are of one side
}

const opening = 'Continue.';

function answerParts(message: AssistantMessage, series: Series): readonly ModelPart[] {
  const parts = message.content.flatMap(answerPart);
  if (series === 2) return parts;
  const first = parts.findIndex((part) => 'functionCall' in part);
  return parts.map((part, index) => (index === first ? { thoughtSignature: unchecked, ...part } : part));
}

/**
 * Newer models refuse a call without the signature of the thought behind it. For calls of other models this stands in.
 * Source: https://ai.google.dev/gemini-api/docs/thought-signatures
 */
const unchecked = 'skip_thought_signature_validator';

function answerPart(content: AssistantMessage['content'][number]): readonly ModelPart[] {
  const own = facts(content.metadata);
  switch (content.type) {
    case 'text':
      return signedText({ text: content.text }, own);
    case 'reasoning':
      return isSigned(own) ? signedText({ text: content.text, thought: true }, own) : [];
    case 'tool-call':
      return [
        {
          functionCall: { ...idOf(own), name: wireToolName(content.name), args: inputObject(content.input) },
          ...sign(own),
        },
      ];
    case 'native': {
      const { part } = own;
      return typeof part === 'object' && part !== null ? [{ ...part }] : [];
    }
  }
}

type Words = { readonly text: string; readonly thought?: true };
type Facts = Readonly<Record<string, unknown>>;

/** A signature belongs to the piece that it came with: the end of a text whose earlier pieces had none. */
function signedText(words: Words, own: Facts): readonly ModelPart[] {
  if (!isSigned(own)) return words.text === '' ? [] : [words];
  const { tail } = own;
  const from = typeof tail === 'number' ? Math.max(0, words.text.length - tail) : 0;
  const signed = { ...words, text: words.text.slice(from), ...sign(own) };
  return from === 0 ? [signed] : [{ ...words, text: words.text.slice(0, from) }, signed];
}

function isSigned(own: Facts): boolean {
  return typeof own['signature'] === 'string';
}

function sign({ signature }: Facts): { readonly thoughtSignature?: string } {
  return typeof signature === 'string' ? { thoughtSignature: signature } : {};
}

/** Only ids that the server gave: it knows no others. */
function idOf({ id }: Facts): { readonly id?: string } {
  return typeof id === 'string' ? { id } : {};
}

function responsePart(
  call: ToolCallContent,
  result: ToolResultMessage | undefined,
  series: Series,
): ResponsePart {
  const of = { ...idOf(facts(call.metadata)), name: wireToolName(call.name) };
  if (result === undefined) return { functionResponse: { ...of, response: { error: missingResult } } };
  const { output, isError } = result;
  const parts = inResult(result, series);
  const response = isError ? { error: output } : { output };
  return { functionResponse: { ...of, response, ...(parts.length > 0 && { parts }) } };
}

function inResult({ attachments = [] }: ToolResultMessage, series: Series): readonly MediaPart[] {
  return series === 2 ? [] : attachments.filter(isInline).map(mediaPart);
}

/** What has no place in a result follows as the user's. */
function besideResult({ name, attachments = [] }: ToolResultMessage, series: Series): readonly UserPart[] {
  const beside = series === 2 ? attachments : attachments.filter((each) => !isInline(each));
  return beside.length === 0 ? [] : [...text(`Shown by ${name}:`), ...beside.map(mediaPart)];
}

function userPart(content: UserMessage['content'][number]): readonly UserPart[] {
  return content.type === 'text' ? text(content.text) : [mediaPart(content)];
}

/** Empty texts are refused. */
function text(words: string): readonly { readonly text: string }[] {
  return words === '' ? [] : [{ text: words }];
}

function facts(metadata: Facts | undefined): Facts {
  const own = metadata?.[protocolID];
  return typeof own === 'object' && own !== null ? { ...own } : {};
}
