import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { anthropicMessages } from './anthropic-messages.ts';
import { bedrockConverse } from './bedrock-converse.ts';
import { createEngine, type Engine } from './engine.ts';
import { Gates } from './gates.ts';
import { gemini } from './gemini.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiResponses } from './openai-responses.ts';
import { answerRefusal, type Outcome, play } from './playback.ts';
import { loadScripts, type Script } from './script.ts';
import type { Address, Conversation, Problem, WireFormat } from './wire.ts';

export type ModelServerOptions = {
  /** A script, several, or the path of a file or of a folder of `*.jsonc`. */
  readonly scripts: Script | readonly Script[] | string;
  /** Default: any free one. */
  readonly port?: number;
  /** Requests with another key, or none, are refused with 401. Default: any key will do. */
  readonly apiKey?: string;
  /** What every pause of a script is multiplied with: 0 answers at once. Default: 1. */
  readonly pace?: number;
};

/** One request to a model, as it came. */
export type LoggedRequest = {
  /** Which wire format it came in, by the protocol's name. */
  readonly protocol: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Parsed JSON. */
  readonly body: unknown;
  /** The bytes of the body as text. */
  readonly text: string;
  /** The last words of the user, or '' where the body was refused. */
  readonly user: string;
  /** Tool results after those words, oldest first. */
  readonly toolResults: readonly string[];
  /** Whether the request offered tools; a title request offers none. */
  readonly hasTools: boolean;
  /** Resolves when the answer is over. */
  readonly done: Promise<Outcome>;
};

export type ModelServer = {
  /** Base URL for clients of OpenAI and Anthropic, `http://127.0.0.1:PORT/v1`. */
  readonly url: string;
  /** The same without its path: Gemini's clients add `/v1beta`, Bedrock's nothing. */
  readonly origin: string;
  /** All requests to models so far, oldest first. */
  readonly requests: readonly LoggedRequest[];
  /** The `n`th request, counted from 1, when it has come. */
  waitForRequest(n: number): Promise<LoggedRequest>;
  /** Opens the gate of that name for all who wait and all who come. */
  open(gate: string): void;
  /** Resolves when an answer stands, or stood, at the gate. */
  reached(gate: string): Promise<void>;
  /** Breaks all connections and closes. */
  [Symbol.asyncDispose](): Promise<void>;
};

/** A request is of the format whose path it comes in on. */
const formats: readonly WireFormat[] = [
  openaiChat,
  openaiResponses,
  anthropicMessages,
  gemini,
  bedrockConverse,
];

/** A provider on the loopback interface that plays scripts over real HTTP. */
export async function startModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const { scripts } = options;
  const loaded = typeof scripts === 'string' ? loadScripts(scripts) : isList(scripts) ? scripts : [scripts];
  const provider = new Provider(createEngine(loaded), options);
  const server = createServer({ noDelay: true, keepAlive: true }, (request, response) => {
    // A client that leaves while it sends breaks the reading of its request.
    provider.handle(request, response).catch((error: Error) => response.destroy(error));
  });
  server.keepAliveTimeout = 60_000;
  const origin = `http://127.0.0.1:${await listen(server, options.port ?? 0)}`;
  return {
    url: `${origin}/v1`,
    origin,
    requests: provider.requests,
    waitForRequest: (n) => provider.waitForRequest(n),
    open: (gate) => provider.gates.open(gate),
    reached: (gate) => provider.gates.reached(gate),
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

function isList(scripts: Script | readonly Script[]): scripts is readonly Script[] {
  return Array.isArray(scripts);
}

class Provider {
  readonly requests: LoggedRequest[] = [];
  readonly gates = new Gates();
  readonly #engine: Engine;
  readonly #apiKey: string | undefined;
  readonly #pace: number;
  readonly #waiting: { readonly n: number; readonly resolve: (request: LoggedRequest) => void }[] = [];

  constructor(engine: Engine, { apiKey, pace = 1 }: Pick<ModelServerOptions, 'apiKey' | 'pace'>) {
    this.#engine = engine;
    this.#apiKey = apiKey;
    this.#pace = pace;
  }

  waitForRequest(n: number): Promise<LoggedRequest> {
    const come = this.requests[n - 1];
    if (come !== undefined) return Promise.resolve(come);
    return new Promise((resolve) => this.#waiting.push({ n, resolve }));
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const format = formats.find(({ path }) => path.test(pathname));
    if (request.method === 'POST' && format !== undefined) return this.#model(format, request, response);
    if (request.method === 'GET' && pathname === '/v1/models') return this.#list(response);
    if (pathname.startsWith('/control/')) return this.#control(pathname, response);
    const message = `Invalid URL (${request.method} ${pathname})`;
    answerRefusal(response, openaiChat.refusal({ status: 404, code: null, message }));
  }

  async #model(format: WireFormat, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    const done = Promise.withResolvers<Outcome>();
    response.once('close', () => gone.abort(new Error('The client left.')));
    const text = await bodyText(request);
    const refuse = (problem: Problem): void => {
      answerRefusal(response, format.refusal(problem));
      done.resolve('complete');
    };
    const body = parseJSON(text);
    const reading = format.read(body, addressOf(format, request));
    const conversation = reading.type === 'conversation' ? reading.conversation : null;
    this.#log(request, { protocol: format.id, body, text, conversation, done: done.promise });
    if (this.#apiKey !== undefined && !hasKey(request, this.#apiKey)) return refuse(wrongKey);
    if (reading.type === 'refused') return refuse(reading.problem);
    const answer = this.#engine.answer(reading.conversation, text);
    if (answer === null) return refuse(unknownModel(reading.conversation.model));
    if (answer.type === 'too-long') return refuse(tooLong(answer));
    const outcome = await play(answer.steps, {
      response,
      format,
      conversation: reading.conversation,
      requestBytes: text.length,
      gates: this.gates,
      pace: this.#pace,
      signal: gone.signal,
    });
    done.resolve(outcome);
  }

  #log(request: IncomingMessage, facts: RequestFacts): void {
    const { protocol, body, text, conversation, done } = facts;
    const logged: LoggedRequest = {
      protocol,
      path: request.url ?? '',
      headers: request.headers,
      body,
      text,
      user: conversation?.user ?? '',
      toolResults: conversation?.toolResults ?? [],
      hasTools: conversation?.hasTools ?? false,
      done,
    };
    this.requests.push(logged);
    for (const waiting of this.#waiting) if (waiting.n === this.requests.length) waiting.resolve(logged);
  }

  #list(response: ServerResponse): void {
    const data = this.#engine.models.map((id) => ({ id, object: 'model', created: 0, owned_by: 'millrace' }));
    json(response, 200, { object: 'list', data });
  }

  /** For those who run the server as a program: `/control/requests`, `/control/open/NAME`. */
  #control(pathname: string, response: ServerResponse): void {
    const [, , verb, name] = pathname.split('/');
    if (verb === 'open' && name !== undefined) this.gates.open(decodeURIComponent(name));
    const requests = this.requests.map(({ protocol, path, headers, body, user, hasTools }) => ({
      protocol,
      path,
      headers,
      body,
      user,
      hasTools,
    }));
    json(response, 200, verb === 'requests' ? requests : { ok: true });
  }
}

type RequestFacts = Pick<LoggedRequest, 'protocol' | 'body' | 'text' | 'done'> & {
  readonly conversation: Conversation | null;
};

const wrongKey: Problem = { status: 401, code: 'invalid_api_key', message: 'Incorrect API key provided.' };

function unknownModel(model: string): Problem {
  const message = `The model \`${model}\` does not exist or you do not have access to it.`;
  return { status: 404, code: 'model_not_found', message };
}

function tooLong({ limit, tokens }: { readonly limit: number; readonly tokens: number }): Problem {
  const message = `This model's maximum context length is ${limit} tokens. However, your messages resulted in ${tokens} tokens. Please reduce the length of the messages.`;
  return { status: 400, code: 'context_length_exceeded', message, tokens: { sent: tokens, limit } };
}

/** As each vendor's clients send it; of a signature only who signed is looked at. */
function hasKey({ headers }: IncomingMessage, key: string): boolean {
  const named = [headers['x-api-key'], headers['x-goog-api-key'], headers['api-key']];
  const { authorization = '' } = headers;
  const isSigned = authorization.startsWith(`AWS4-HMAC-SHA256 Credential=${key}/`);
  return authorization === `Bearer ${key}` || isSigned || named.includes(key);
}

function addressOf({ path }: WireFormat, { url = '/' }: IncomingMessage): Address {
  const { pathname } = new URL(url, 'http://localhost');
  const groups = Object.entries(path.exec(pathname)?.groups ?? {});
  return Object.fromEntries(groups.map(([name, value]) => [name, decodeURIComponent(value)]));
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function bodyText(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

function parseJSON(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
