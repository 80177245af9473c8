import type { Traits } from './traits.ts';
import type { AssistantBlock, TextBlock, UserBlock, WireMessage } from './wire.ts';

/** Joins what one side says in a row. */
export class Conversation {
  readonly #traits: Traits;
  readonly #messages: WireMessage[] = [];

  constructor(traits: Traits) {
    this.#traits = traits;
  }

  /** Results come first, as the format demands. */
  ask(blocks: readonly UserBlock[]): void {
    this.#ask(blocks.filter(isResult));
    this.#ask(blocks.filter((block) => !isResult(block)));
  }

  answer(blocks: readonly AssistantBlock[]): void {
    if (blocks.length === 0) return;
    const last = this.#messages.at(-1);
    if (last === undefined) this.#ask(text(opening));
    if (last?.role === 'assistant')
      this.#replaceLast({ role: 'assistant', content: [...last.content, ...blocks] });
    else this.#messages.push({ role: 'assistant', content: blocks });
  }

  /** An answer at the end would be taken as the beginning of the next one, which newer models refuse. */
  whole(): readonly WireMessage[] {
    if (this.#messages.at(-1)?.role !== 'user') this.#ask(text(opening));
    return this.#messages.map((message) => (message.role === 'user' ? withWords(message.content) : message));
  }

  #ask(blocks: readonly UserBlock[]): void {
    if (blocks.length === 0) return;
    if (this.#isClosed()) this.answer(text(between));
    const last = this.#messages.at(-1);
    if (last?.role === 'user') this.#replaceLast({ role: 'user', content: [...last.content, ...blocks] });
    else this.#messages.push({ role: 'user', content: blocks });
  }

  /** What may not stand beside results needs a turn of its own, and so a word of the model's between. */
  #isClosed(): boolean {
    const last = this.#messages.at(-1);
    return this.#traits.resultsAlone && last?.role === 'user' && last.content.some(isResult);
  }

  #replaceLast(message: WireMessage): void {
    this.#messages[this.#messages.length - 1] = message;
  }
}

const opening = 'Continue.';
const between = 'Understood.';

/** Blank texts are refused. */
export function text(words: string): readonly TextBlock[] {
  return words.trim() === '' ? [] : [{ text: words }];
}

function isResult(block: UserBlock): boolean {
  return 'toolResult' in block;
}

/** A turn with a document and no words about it is refused. */
function withWords(content: readonly UserBlock[]): WireMessage {
  const isMute = content.some((block) => 'document' in block) && !content.some((block) => 'text' in block);
  return { role: 'user', content: isMute ? [...content, { text: 'See the document.' }] : content };
}
