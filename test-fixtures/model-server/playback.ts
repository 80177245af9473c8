import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { joined } from './blocks.ts';
import type { Gates } from './gates.ts';
import type { Step, UsageNumbers } from './script.ts';
import { boundID } from './seal.ts';
import type { Bytes, Conversation, Piece, Refusal, WireFormat, WireWriter } from './wire.ts';

export type Stage = {
  readonly response: ServerResponse;
  readonly format: WireFormat;
  readonly conversation: Conversation;
  /** Bytes of the request, for counting. */
  readonly requestBytes: number;
  readonly gates: Gates;
  /** What every pause is multiplied with. */
  readonly pace: number;
  /** Aborts when the client leaves or the server closes. */
  readonly signal: AbortSignal;
};

/** How an answer ended; `left` when the client went first. */
export type Outcome = 'complete' | 'cut' | 'left';

/**
 * Plays the steps of a reply onto a response. What needs no waiting goes out in one write, so that the server adds no
 * time of its own.
 */
export async function play(steps: readonly Step[], stage: Stage): Promise<Outcome> {
  const player = new Player(stage);
  try {
    for (const step of steps) {
      const outcome = await player.step(step);
      if (outcome !== null) return outcome;
    }
    return player.end();
  } catch (error) {
    if (stage.signal.aborted) return 'left';
    throw error;
  }
}

type ReasoningStep = Extract<Step, { readonly reasoning: string }>;
type ErrorStep = Extract<Step, { readonly error: unknown }>;

class Player {
  readonly #stage: Stage;
  readonly #writer: WireWriter;
  #pending: Bytes[] = [];
  #begun = false;
  /** The last thought has to come back with the calls behind it. */
  #binds = false;
  #written = 0;
  #reasoned = 0;
  #calls = 0;
  #usage: UsageNumbers | null = null;
  #finish: string | null = null;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#writer = stage.format.writer(stage.conversation);
  }

  /** Plays one step; an outcome if the answer ended with it. */
  async step(step: Step): Promise<Outcome | null> {
    if ('text' in step)
      await this.#pieces(step, split(step.text, step.chunks), (text) => ({ type: 'text', text }));
    else if ('reasoning' in step) await this.#reason(step);
    else if ('tool' in step) await this.#call(step);
    else if ('search' in step) this.#add({ type: 'search', query: step.search, found: step.found });
    else if ('raw' in step) this.#write(step.raw);
    else if ('usage' in step) this.#usage = step.usage;
    else if ('finish' in step) this.#finish = step.finish;
    else if ('comment' in step) this.#add({ type: 'comment', text: step.comment });
    else if ('gate' in step) await this.#gate(step.gate);
    else if ('error' in step) return this.#fail(step);
    else if ('cut' in step) return this.#cut();
    else if ('hang' in step) await this.#hang();
    else await this.#wait(step.delayMs);
    return null;
  }

  end(): Outcome {
    const { response, requestBytes } = this.#stage;
    const counted = {
      input: Math.ceil(requestBytes / 4),
      output: Math.ceil((this.#written + this.#reasoned) / 4),
      reasoning: Math.ceil(this.#reasoned / 4),
    };
    this.#write(this.#writer.end({ finish: this.#finish, usage: this.#usage ?? counted }));
    this.#head();
    response.end(this.#due());
    return 'complete';
  }

  async #reason(step: ReasoningStep): Promise<void> {
    this.#binds = step.keep === true;
    const texts = step.reasoning === '' ? [''] : split(step.reasoning, step.chunks);
    await this.#pieces(step, texts, (text) => ({ type: 'reasoning', text }));
  }

  async #call(step: Extract<Step, { readonly tool: string }>): Promise<void> {
    const own = `call_${this.#stage.conversation.length}_${this.#calls++}`;
    const id = 'id' in step && step.id !== undefined ? step.id : this.#binds ? boundID(own) : own;
    this.#add({ type: 'tool-start', id, name: step.tool });
    const text = 'inputText' in step ? step.inputText : JSON.stringify(step.input);
    await this.#pieces(step, split(text, step.chunks ?? 2), (each) => ({ type: 'tool-input', text: each }));
  }

  async #pieces(
    step: { readonly delayMs?: number },
    texts: readonly string[],
    piece: (text: string) => Piece,
  ): Promise<void> {
    for (const text of texts) {
      this.#add(piece(text));
      if (step.delayMs) await this.#wait(step.delayMs);
    }
  }

  #add(piece: Piece): void {
    if (piece.type === 'reasoning') this.#reasoned += piece.text.length;
    else if ('text' in piece) this.#written += piece.text.length;
    this.#write(this.#writer.piece(piece));
  }

  #write(bytes: Bytes): void {
    if (!this.#begun) this.#pending.push(this.#writer.begin());
    this.#begun = true;
    this.#pending.push(bytes);
  }

  /** What is ready, and is then gone from here. */
  #due(): Bytes {
    return joined(...this.#pending.splice(0));
  }

  #head(): void {
    const { response } = this.#stage;
    if (!response.headersSent) response.writeHead(200, { 'content-type': this.#writer.contentType });
  }

  /** Sends what is ready. */
  #flush(): void {
    const { response } = this.#stage;
    const due = this.#due();
    this.#head();
    if (due.length === 0) response.flushHeaders();
    else response.write(due);
  }

  async #wait(ms: number): Promise<void> {
    this.#flush();
    const { pace, signal } = this.#stage;
    if (ms * pace > 0) await delay(ms * pace, undefined, { signal });
  }

  async #gate(name: string): Promise<void> {
    this.#flush();
    await orLeft(this.#stage.gates.pass(name), this.#stage.signal);
  }

  async #hang(): Promise<void> {
    this.#flush();
    await orLeft(new Promise<never>(() => undefined), this.#stage.signal);
  }

  #fail({ error }: ErrorStep): Outcome {
    const { response } = this.#stage;
    const refusal = this.#refusal(error);
    if (this.#begun) {
      this.#head();
      response.end(joined(this.#due(), this.#writer.error(refusal)));
      return 'complete';
    }
    answerRefusal(response, refusal);
    return 'complete';
  }

  #refusal({ status, code, message = scripted, tokens, headers, body }: ErrorStep['error']): Refusal {
    const problem = { status, code: code ?? null, message, ...(tokens !== undefined && { tokens }) };
    const own = this.#stage.format.refusal(problem);
    if (body !== undefined) return { status, headers: { ...headers }, body };
    return { ...own, headers: { ...own.headers, ...headers } };
  }

  /** Breaks the connection after the bytes that are due have left. */
  #cut(): Promise<Outcome> {
    const { response } = this.#stage;
    const due = this.#due();
    this.#head();
    const breaks = (): Outcome => {
      response.socket?.destroySoon();
      return 'cut';
    };
    if (due.length === 0) {
      response.flushHeaders();
      return Promise.resolve(breaks());
    }
    return new Promise((resolve) => {
      response.write(due, () => resolve(breaks()));
    });
  }
}

const scripted = 'The script says so.';

/** Answers a request with an error. */
export function answerRefusal(response: ServerResponse, { status, headers, body }: Refusal): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/plain' : 'application/json';
  response.writeHead(status, { 'content-type': type, ...headers }).end(text);
}

/** `work`, or a rejection when the client leaves. */
function orLeft<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}

/** `text` in about `count` pieces, cut between words where there are some; together they are the text. */
export function split(text: string, count = 1): readonly string[] {
  if (count <= 1 || text === '') return text === '' ? [] : [text];
  const size = Math.max(1, Math.ceil(text.length / count));
  const pieces: string[] = [];
  for (let start = 0; start < text.length; ) {
    const end = pieceEnd(text, start + size, size);
    pieces.push(text.slice(start, end));
    start = end;
  }
  return pieces;
}

/** The end of a piece near `wanted`: after a space close behind it, and never inside a surrogate pair. */
function pieceEnd(text: string, wanted: number, size: number): number {
  if (wanted >= text.length) return text.length;
  const space = text.indexOf(' ', wanted - 1);
  if (space !== -1 && space < wanted + size / 2) return space + 1;
  const inPair =
    /[\uDC00-\uDFFF]/.test(text.charAt(wanted)) && /[\uD800-\uDBFF]/.test(text.charAt(wanted - 1));
  return inPair ? wanted + 1 : wanted;
}
