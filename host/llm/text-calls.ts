import { wireCallID } from './protocol/call-id.ts';
import type { Decoder, Protocol } from './route.ts';
import type { FinishEvent, LLMEvent, LLMRequest, UsageEvent } from './schema.ts';
import type { Piece } from './text-calls/reader.ts';
import { textRequest } from './text-calls/request.ts';
import { TextScanner } from './text-calls/scanner.ts';

/**
 * A protocol for models that cannot call tools through its API: they are told in words how to call, and what they
 * write is read. Calls come out as from any other protocol. Understood are `<tool_call>{json}</tool_call>`, which is
 * what they are told to write, `<function=NAME><parameter=KEY>VALUE</parameter></function>` with or without
 * `<tool_call>` around it, and a fenced block of JSON that is a call and nothing else. Only tools of the request are
 * called; what is quoted as code is text. Goes around `withThinkTags`, not into it.
 */
export function withTextCalls(protocol: Protocol): Protocol {
  return {
    id: protocol.id,
    path: (request) => protocol.path(request),
    encode: (request) => protocol.encode(textRequest(request)),
    decoder: (request) => {
      const inner = protocol.decoder(textRequest(request));
      return request.tools.length === 0 ? inner : new TextCallDecoder(inner, request);
    },
    classify: (failure, now) => protocol.classify(failure, now),
  };
}

class TextCallDecoder implements Decoder {
  readonly #inner: Decoder;
  readonly #ids: CallIDs;
  readonly #newScanner: () => TextScanner;
  #scanner: TextScanner;
  #callID = '';
  #name = '';
  #hasCalls = false;
  /** Comes right before the terminal event, so behind what that one brings to light. */
  #usage: readonly UsageEvent[] = [];

  constructor(inner: Decoder, request: LLMRequest) {
    this.#inner = inner;
    this.#ids = new CallIDs(request);
    const tools = new Map(request.tools.map((tool) => [tool.name, tool]));
    this.#newScanner = () => new TextScanner(tools);
    this.#scanner = this.#newScanner();
  }

  push(chunk: unknown): readonly LLMEvent[] {
    return this.#inner.push(chunk).flatMap((event) => this.#event(event));
  }

  end(end: { readonly complete: boolean }): readonly LLMEvent[] {
    return this.#inner.end(end).flatMap((event) => this.#event(event));
  }

  #event(event: LLMEvent): readonly LLMEvent[] {
    switch (event.type) {
      case 'text.delta':
        return this.#events(this.#scanner.push(event.text));
      case 'usage':
        this.#usage = [event];
        return [];
      case 'finish':
        return [...this.#endText(), ...this.#usage, this.#finish(event)];
      case 'error':
        return [...this.#heldText(), ...this.#usage, event];
      default:
        // What is no text ends the text before it: no call reaches across.
        return [...this.#endText(), event];
    }
  }

  #endText(): readonly LLMEvent[] {
    const events = this.#events(this.#scanner.end());
    this.#scanner = this.#newScanner();
    return events;
  }

  /** A broken answer hands out no half call; what was held back as text is given out as such. */
  #heldText(): readonly LLMEvent[] {
    const text = this.#scanner.held();
    return text === '' ? [] : [{ type: 'text.delta', text }];
  }

  #events(pieces: readonly Piece[]): readonly LLMEvent[] {
    return pieces.map((piece) => this.#translated(piece));
  }

  #translated(piece: Piece): LLMEvent {
    if (piece.type === 'text') return { type: 'text.delta', text: piece.text };
    if (piece.type === 'started') {
      this.#callID = this.#ids.next();
      this.#name = piece.name;
      this.#hasCalls = true;
      return { type: 'tool.input.started', callID: this.#callID, name: piece.name };
    }
    if (piece.type === 'input') return { type: 'tool.input.delta', callID: this.#callID, text: piece.text };
    return { type: 'tool.call', callID: this.#callID, name: this.#name, input: piece.input };
  }

  #finish(event: FinishEvent): FinishEvent {
    const ordinary = event.reason === 'stop' || event.reason === 'other';
    return this.#hasCalls && ordinary ? { ...event, reason: 'tool-calls' } : event;
  }
}

/** What is read of the last message to tell its conversation from others. */
const seedLimit = 4096;

/** Ids of the calls of one answer: equal for equal requests, other than those in the history. */
class CallIDs {
  readonly #request: LLMRequest;
  #seed: string | null = null;
  #taken: Set<string> = new Set();
  #count = 0;

  constructor(request: LLMRequest) {
    this.#request = request;
  }

  next(): string {
    const seed = this.#seed ?? this.#open();
    for (;;) {
      const id = `${seed}_${this.#count}`;
      this.#count += 1;
      if (!this.#taken.has(id)) return id;
    }
  }

  #open(): string {
    const { messages } = this.#request;
    const last = JSON.stringify(messages.at(-1) ?? null).slice(0, seedLimit);
    this.#seed = wireCallID(`${messages.length} ${last}`, 0);
    this.#taken = new Set(messages.flatMap(idsOf));
    return this.#seed;
  }
}

function idsOf(message: LLMRequest['messages'][number]): readonly string[] {
  if (message.type === 'tool-result') return [message.callID];
  if (message.type !== 'assistant') return [];
  return message.content.flatMap((part) => (part.type === 'tool-call' ? [part.id] : []));
}
