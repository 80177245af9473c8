import type { EventStreamCodec } from '@smithy/core/event-streams';
import { WireError } from '../failure.ts';
import { redact } from '../redact.ts';
import type { Framing, WireCall, WireStream } from '../route.ts';
import { messagesIn } from './aws-messages.ts';
import { AwsSigner, type AwsSigning, NoCredentials } from './aws-signer.ts';
import { Exchange, type Fetch } from './exchange.ts';

export type BedrockOptions = AwsSigning;

const eventStream = 'application/vnd.amazon.eventstream';

/**
 * Signatures, credentials and the codec of event streams by AWS' own packages, loaded on first use. The client that is
 * made of them is left alone: it would take addresses, tokens and limits from the environment, write the body anew, and
 * drop every field and block that it does not know. A route without a credential of its own is signed.
 */
export function bedrockSDK({ fetch, ...signing }: BedrockOptions): Framing {
  const signer = new AwsSigner({ ...signing, fetch });
  return {
    async open(call, { signal }) {
      return new ConverseAnswer(call, { fetch, signal, signer, codec: await loadCodec() }).open();
    },
    async warm() {
      await Promise.all([loadCodec(), signer.warm()]);
    },
  };
}

async function loadCodec(): Promise<EventStreamCodec> {
  const aws = await import('@smithy/core/event-streams');
  return new aws.EventStreamCodec(
    (bytes) => (typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString()),
    (text) => Buffer.from(text),
  );
}

type AnswerOptions = {
  readonly fetch: Fetch | undefined;
  readonly signal: AbortSignal;
  readonly signer: AwsSigner;
  readonly codec: EventStreamCodec;
};

class ConverseAnswer {
  readonly #call: WireCall;
  readonly #exchange: Exchange;
  readonly #fetch: Fetch;
  readonly #signer: AwsSigner;
  readonly #codec: EventStreamCodec;

  constructor(call: WireCall, { fetch, signal, signer, codec }: AnswerOptions) {
    this.#call = call;
    this.#fetch = fetch ?? globalThis.fetch;
    this.#signer = signer;
    this.#codec = codec;
    const send: Fetch = (url, init) => this.#send(url, init);
    this.#exchange = new Exchange(call, { fetch: send, signal, prepare });
  }

  async open(): Promise<WireStream> {
    const response = await this.#exchange.send(JSON.stringify(this.#call.body)).catch((error: unknown) => {
      throw this.#refusal(error);
    });
    if (!response.ok) throw this.#refusal(new Error(`status ${response.status}`));
    // The format has no mark of its own at the end.
    return { chunks: this.#chunks(response), complete: () => false };
  }

  async #send(url: string | URL | Request, init?: RequestInit): Promise<Response> {
    const headers = new Headers(init?.headers);
    headers.set('accept', eventStream);
    const address = new URL(url instanceof Request ? url.url : url);
    if (this.#call.auth.type === 'none') {
      await this.#signer.sign({ url: address, headers, body: String(init?.body ?? '') });
    }
    return this.#fetch(address, { ...init, headers });
  }

  #refusal(error: unknown): WireError {
    const refused = this.#exchange.refusal(error);
    const { failure } = refused;
    if (error instanceof NoCredentials)
      return new WireError({ type: 'unauthorized', message: error.message }, { cause: error });
    if (failure.type !== 'http') return refused;
    // A signature that does not fit is answered with what it was expected of, the session's token included.
    const body = redact(failure.body, this.#signer.secrets());
    return new WireError({ ...failure, body }, { cause: error });
  }

  async *#chunks(response: Response): AsyncGenerator<unknown> {
    try {
      const type = response.headers.get('content-type') ?? '';
      if (type.includes('json')) yield JSON.parse(await response.text());
      else if (type.includes(eventStream)) yield* this.#events(response);
      else throw new SyntaxError(`The provider answered with "${type}", not with a model's stream.`);
    } catch (error) {
      throw error instanceof WireError ? error : this.#exchange.breach(error);
    }
  }

  async *#events({ body }: Response): AsyncGenerator<unknown> {
    if (body === null) return;
    for await (const message of messagesIn(body, this.#codec)) {
      if (message.type === 'failure')
        throw this.#exchange.reported({ type: message.name, ...message.fields });
      yield { [message.name]: message.fields };
    }
  }
}

function prepare(response: Response, onBytes: () => void): Response {
  const watched = new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, controller) {
      onBytes();
      controller.enqueue(bytes);
    },
  });
  const body = response.body?.pipeThrough(watched) ?? null;
  return new Response(body, { status: response.status, headers: response.headers });
}
