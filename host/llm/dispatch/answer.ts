import type {
  AssistantMessage,
  FinishEvent,
  LLMEvent,
  Metadata,
  ReasoningContent,
  TextContent,
} from '../schema.ts';

type Call = Extract<LLMEvent, { type: 'tool.call' }>;

/** Puts the events of one stream together to the message that goes into the history. */
export class Answer {
  readonly calls: Call[] = [];
  readonly #content: AssistantMessage['content'][number][] = [];
  /** The last part is text or reasoning that still grows. */
  #open = false;

  take(event: LLMEvent): void {
    if (event.type === 'text.delta') this.#grow({ type: 'text', text: event.text });
    if (event.type === 'reasoning.delta')
      this.#grow({ type: 'reasoning', text: event.text, ...told(event.metadata) });
    if (event.type === 'part.end') this.#end(event.metadata);
    if (event.type === 'native') this.#add({ type: 'native', metadata: event.metadata });
    if (event.type === 'tool.call') this.#call(event);
  }

  message({ metadata }: FinishEvent): AssistantMessage {
    return { type: 'assistant', content: [...this.#content], ...told(metadata) };
  }

  #grow(piece: TextContent | ReasoningContent): void {
    const last = this.#content.at(-1);
    const grows = this.#open && last?.type === piece.type;
    if (grows) this.#content[this.#content.length - 1] = { ...last, ...piece, text: last.text + piece.text };
    else this.#content.push(piece);
    this.#open = true;
  }

  #end(metadata: Metadata | undefined): void {
    const last = this.#content.at(-1);
    const ends = this.#open && (last?.type === 'text' || last?.type === 'reasoning');
    if (ends) this.#content[this.#content.length - 1] = { ...last, ...told(metadata) };
    this.#open = false;
  }

  #call(event: Call): void {
    const { callID: id, name, input, metadata } = event;
    this.calls.push(event);
    this.#add({
      type: 'tool-call',
      id,
      name,
      input: input.type === 'json' ? input.value : input.text,
      ...told(metadata),
    });
  }

  #add(part: AssistantMessage['content'][number]): void {
    this.#content.push(part);
    this.#open = false;
  }
}

function told(metadata: Metadata | undefined): { metadata?: Metadata } {
  return metadata === undefined ? {} : { metadata };
}
