import type { Decoder, Protocol } from './route.ts';
import type { AssistantMessage, LLMEvent, LLMMessage, LLMRequest, Metadata } from './schema.ts';
import { unfinishedAt, wordAt } from './text-calls/words.ts';

export type ThinkTagOptions = {
  /**
   * Where an answer begins: `outside` a thought, or `inside` one that the model's chat template has opened, so that
   * only its end is written. A per-model fact; such a model that answers without thinking seems to think all along.
   */
  readonly begins?: 'outside' | 'inside';
  /** What becomes of the thoughts in the history: dropped, which most models want, or given back in their tags. */
  readonly history?: 'dropped' | 'kept';
};

/**
 * A protocol for models that write their thoughts into the text: `<think>`, `<thinking>` or `<reasoning>` at the very
 * start of an answer becomes reasoning. Anywhere else these are words like others. White space around a thought goes
 * with its tags.
 */
export function withThinkTags(protocol: Protocol, options: ThinkTagOptions = {}): Protocol {
  const { begins = 'outside', history = 'dropped' } = options;
  const withoutThoughts = (request: LLMRequest): LLMRequest => ({
    ...request,
    messages: request.messages.map((message) => textMessage(message, history)),
  });
  return {
    id: protocol.id,
    path: (request) => protocol.path(request),
    encode: (request) => protocol.encode(withoutThoughts(request)),
    decoder: (request) => new ThinkTagDecoder(protocol.decoder(withoutThoughts(request)), begins),
    classify: (failure, now) => protocol.classify(failure, now),
  };
}

/** The key of our facts on a reasoning part: which tag it came in. Other reasoning is the protocol's own. */
const factsKey = 'think-tags';
const tags = ['think', 'thinking', 'reasoning'];

function textMessage(message: LLMMessage, history: 'dropped' | 'kept'): LLMMessage {
  if (message.type !== 'assistant') return message;
  const content = message.content.flatMap((part): AssistantMessage['content'] => {
    const tag = part.type === 'reasoning' ? tagOf(part.metadata) : undefined;
    if (part.type !== 'reasoning' || tag === undefined) return [part];
    return history === 'kept' ? [{ type: 'text', text: `<${tag}>\n${part.text}\n</${tag}>\n\n` }] : [];
  });
  return { ...message, content };
}

function tagOf(metadata: Metadata | undefined): string | undefined {
  const facts = metadata?.[factsKey];
  const tag = typeof facts === 'object' && facts !== null && 'tag' in facts ? facts.tag : undefined;
  return tags.find((each) => each === tag);
}

/**
 * ```
 *            <think>             </think>
 *   start ────────────▶ thought ────────────▶ start (another thought may follow)
 *     │
 *     └─ words ─▶ answer, to the end
 * ```
 */
type State =
  | { readonly type: 'start'; readonly thought: boolean }
  | { readonly type: 'thought'; readonly tag: string; readonly begun: boolean }
  | { readonly type: 'answer' };

const opening = /^\s{0,1000}<(think|thinking|reasoning)>/;
/** White space beyond that is not held back for a tag that may come. */
const heldLimit = 1000;

/** `used` characters are done with. */
type Step = { readonly used: number; readonly events: readonly LLMEvent[] };

class ThinkTagDecoder implements Decoder {
  readonly #inner: Decoder;
  #state: State;
  /** What may be part of a tag, or white space next to one. */
  #rest = '';

  constructor(inner: Decoder, begins: 'outside' | 'inside') {
    this.#inner = inner;
    this.#state =
      begins === 'inside'
        ? { type: 'thought', tag: 'think', begun: false }
        : { type: 'start', thought: false };
  }

  push(chunk: unknown): readonly LLMEvent[] {
    return this.#inner.push(chunk).flatMap((event) => this.#event(event));
  }

  end(end: { readonly complete: boolean }): readonly LLMEvent[] {
    return this.#inner.end(end).flatMap((event) => this.#event(event));
  }

  #event(event: LLMEvent): readonly LLMEvent[] {
    if (event.type === 'text.delta') return this.#text(event.text);
    // Reasoning through the API comes before the text; anything else means that the start is over.
    const left = this.#leave();
    if (event.type !== 'reasoning.delta') this.#state = { type: 'answer' };
    return [...left, event];
  }

  #text(text: string): readonly LLMEvent[] {
    const events: LLMEvent[] = [];
    let rest = this.#rest + text;
    for (;;) {
      const before = this.#state;
      const step = this.#step(rest);
      events.push(...step.events);
      rest = rest.slice(step.used);
      if (this.#state === before) break;
    }
    this.#rest = rest;
    return events;
  }

  #step(text: string): Step {
    if (this.#state.type === 'start') return this.#start(text, this.#state.thought);
    if (this.#state.type === 'thought') return this.#thought(text, this.#state);
    return { used: text.length, events: said(text) };
  }

  #start(text: string, afterThought: boolean): Step {
    const [whole = '', tag] = opening.exec(text) ?? [];
    if (tag !== undefined) {
      this.#state = { type: 'thought', tag, begun: false };
      return { used: whole.length, events: afterThought ? [{ type: 'part.end' }] : [] };
    }
    const words = text.trimStart();
    const open = tags.some((each) => `<${each}>`.startsWith(words));
    if (open && text.length <= heldLimit) return { used: 0, events: [] };
    this.#state = { type: 'answer' };
    return { used: afterThought ? text.length - words.length : 0, events: [] };
  }

  #thought(text: string, { tag, begun }: Extract<State, { type: 'thought' }>): Step {
    const from = begun ? 0 : text.length - text.trimStart().length;
    // Where the template opened the thought, some models open it once more.
    const again = begun ? 'no' : wordAt(text, from, `<${tag}>`);
    if (again === 'wait') return { used: from, events: [] };
    if (again === 'yes') {
      this.#state = { type: 'thought', tag, begun };
      return { used: from + tag.length + 2, events: [] };
    }
    const close = `</${tag}>`;
    const end = text.indexOf(close, from);
    if (end === -1) return this.#goOn(text, from, tag);
    this.#state = { type: 'start', thought: true };
    return { used: end + close.length, events: thought(text.slice(from, end).trimEnd(), tag) };
  }

  #goOn(text: string, from: number, tag: string): Step {
    const whole = text.slice(from, Math.max(from, unfinishedAt(text, [`</${tag}>`])));
    const trimmed = whole.trimEnd();
    const known = whole.length - trimmed.length > heldLimit ? whole : trimmed;
    if (known !== '' && this.#state.type === 'thought' && !this.#state.begun)
      this.#state = { type: 'thought', tag, begun: true };
    return { used: from + known.length, events: thought(known, tag) };
  }

  /** What is held back, as what it is if no tag comes. */
  #leave(): readonly LLMEvent[] {
    const rest = this.#rest;
    this.#rest = '';
    if (this.#state.type === 'thought') return thought(rest.trimEnd(), this.#state.tag);
    return said(this.#state.type === 'start' && this.#state.thought ? rest.trimStart() : rest);
  }
}

function said(text: string): readonly LLMEvent[] {
  return text === '' ? [] : [{ type: 'text.delta', text }];
}

function thought(text: string, tag: string): readonly LLMEvent[] {
  return text === '' ? [] : [{ type: 'reasoning.delta', text, metadata: { [factsKey]: { tag } } }];
}
