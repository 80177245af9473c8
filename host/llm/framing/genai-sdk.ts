import type { GoogleGenAI } from '@google/genai/web';
import { createParser } from 'eventsource-parser';
import { fieldsOf, parsedBody } from '../protocol/error-body.ts';
import type { Framing, WireCall, WireStream } from '../route.ts';
import { Exchange, type Fetch } from './exchange.ts';

/** What the SDK reads is one event of a stream. */
type Piece = { json(): Promise<unknown> };
type Reader = { open(send: Fetch, call: WireCall): Promise<AsyncIterable<Piece>> };

/**
 * SSE framing by the official `@google/genai`, loaded on first use. The package only frames: address, headers and
 * credentials are ours. It is its build without Node: the other one looks for keys, projects and addresses in the
 * environment whatever it is given, and loads Google's credentials and a web socket with it.
 */
export function genaiSDK(options: { readonly fetch?: Fetch } = {}): Framing {
  return {
    async open(call, { signal }) {
      const reader = sdkReader(await import('@google/genai/web'));
      return new GeminiAnswer(call, options.fetch, signal).open(reader);
    },
    async warm() {
      await import('@google/genai/web');
    },
  };
}

/** The SDK keeps the client that streams anything, not only what it knows itself, for its own classes. */
function sdkReader(sdk: { readonly GoogleGenAI: typeof GoogleGenAI }): Reader {
  class StreamReader extends sdk.GoogleGenAI implements Reader {
    open(send: Fetch, { path, body }: WireCall): Promise<AsyncIterable<Piece>> {
      const request = { path, body: JSON.stringify(body), httpMethod: 'POST' } as const;
      return this.apiClient.requestStream({ ...request, httpOptions: { fetch: send } });
    }
  }
  return new StreamReader({ apiKey: 'unused', vertexai: false });
}

/** One answer; the format has no end mark of its own. */
class GeminiAnswer {
  readonly #call: WireCall;
  readonly #exchange: Exchange;
  /** The first event that is an error: of what it says the SDK keeps the words alone. */
  #reported: unknown;

  constructor(call: WireCall, fetch: Fetch | undefined, signal: AbortSignal) {
    this.#call = call;
    const prepare = (response: Response, onBytes: () => void) => this.#prepare(response, onBytes);
    this.#exchange = new Exchange(call, { fetch, signal, prepare });
  }

  async open(reader: Reader): Promise<WireStream> {
    const send: Fetch = (_url, init) => this.#exchange.send(init?.body);
    const pieces = await reader.open(send, this.#call).catch((error: unknown) => {
      throw this.#exchange.refusal(error);
    });
    return { chunks: this.#chunks(pieces), complete: () => false };
  }

  async *#chunks(pieces: AsyncIterable<Piece>): AsyncGenerator<unknown> {
    try {
      for await (const piece of pieces) yield await piece.json();
    } catch (error) {
      const isReported = error instanceof Error && error.name === 'ApiError' && this.#reported !== undefined;
      throw isReported ? this.#exchange.reported(this.#reported) : this.#exchange.breach(error);
    }
  }

  #prepare({ body }: Response, onBytes: () => void): Response {
    if (body === null) return new Response('');
    return new Response(asDataLines(body, { onBytes, onEvent: (data) => this.#look(data) }));
  }

  #look(data: string): void {
    if (this.#reported !== undefined || !data.includes('"error"')) return;
    const event = parsedBody(data);
    if ('error' in fieldsOf(event)) this.#reported = event;
  }
}

type Listeners = { readonly onBytes: () => void; readonly onEvent: (data: string) => void };

/**
 * The events of a body, each as one `data:` line. The SDK's reader knows no more of event streams than that: it passes
 * over events that begin with a comment or an id, and breaks at a last one without an empty line behind it.
 */
function asDataLines(source: ReadableStream<Uint8Array>, listeners: Listeners): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  const events = new EventReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        let texts: readonly string[] = [];
        while (texts.length === 0) {
          const { done, value } = await reader.read();
          listeners.onBytes();
          texts = done ? events.end(decoder.decode()) : events.take(decoder.decode(value, { stream: true }));
          for (const text of texts) {
            listeners.onEvent(text);
            controller.enqueue(encoder.encode(`data: ${text}\n\n`));
          }
          if (done) return controller.close();
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** Between the tokens of JSON a line break is a space; inside its texts there is none. */
const lineBreaks = /[\r\n]+/g;
const documentStart = /^\s*[[{]/;

/** What an answer says: the data of its events, or the one document of a server that does not stream. */
class EventReader {
  readonly #parser = createParser({ onEvent: ({ data }) => this.#keep(data) });
  #found: string[] = [];
  /** Of an answer whose kind does not show yet, or that is one document. */
  #text = '';
  #kind: 'unknown' | 'events' | 'document' = 'unknown';
  #isLast = false;

  take(text: string): readonly string[] {
    if (this.#kind === 'events') this.#parser.feed(text);
    else this.#takeBeginning(text);
    return this.#found.splice(0);
  }

  /** A last event that nothing ends is one all the same if it is all there; otherwise the stream was cut. */
  end(text: string): readonly string[] {
    const before = this.take(text);
    this.#isLast = true;
    if (this.#kind === 'events') this.#parser.feed('\n\n');
    else this.#keep(this.#text);
    return [...before, ...this.#found.splice(0)];
  }

  #takeBeginning(text: string): void {
    this.#text += text;
    if (this.#kind === 'document' || this.#text.trim() === '') return;
    this.#kind = documentStart.test(this.#text) ? 'document' : 'events';
    if (this.#kind === 'events') this.#parser.feed(this.#text);
  }

  #keep(data: string): void {
    const line = data.replace(lineBreaks, ' ').trim();
    if (line === '' || (this.#isLast && parsedBody(line) === undefined)) return;
    this.#found.push(line);
  }
}
