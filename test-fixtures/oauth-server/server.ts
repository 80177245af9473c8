import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type Answer, createAuthority, type Plan } from './authority.ts';

/** One request, as it came. */
export interface LoggedRequest {
  readonly path: string;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** Of the form, the JSON body or the query. */
  readonly fields: Readonly<Record<string, string>>;
}

export type Misbehaviour = Answer | 'drop' | ((request: LoggedRequest) => Answer | Promise<Answer>);

/** A request that waits. */
export interface Held {
  readonly reached: Promise<LoggedRequest>;
  open(): void;
}

export interface OAuthServer extends AsyncDisposable {
  readonly url: string;
  readonly plan: Plan;
  /** How often a refresh token was used that had been used before. */
  readonly reused: number;
  /** Access tokens given out so far. */
  readonly issued: readonly string[];
  requests(path: string): readonly LoggedRequest[];
  /** The next request to a path gets this; several are used up one after the other. */
  next(path: string, misbehaviour: Misbehaviour): void;
  hold(path: string): Held;
  /** As the user's browser: signs in at an authorization address and follows it back. Returns the page seen then. */
  visit(address: string): Promise<{ readonly status: number; readonly text: string }>;
  approve(userCode: string): void;
  deny(userCode: string): void;
  /** Nothing that was given out is valid any more. */
  revokeAll(): void;
}

export async function startOAuthServer(): Promise<OAuthServer> {
  const authority = createAuthority();
  const requests: LoggedRequest[] = [];
  const misbehaviours = new Map<string, Misbehaviour[]>();
  const holds = new Map<
    string,
    { readonly reached: PromiseWithResolvers<LoggedRequest>; readonly gate: Promise<void> }
  >();

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await read(incoming);
    requests.push(request);
    const held = holds.get(request.path);
    holds.delete(request.path);
    held?.reached.resolve(request);
    await held?.gate;
    const planned = misbehaviours.get(request.path)?.shift();
    if (planned === 'drop') {
      response.destroy();
      return;
    }
    const answer =
      typeof planned === 'function' ? await planned(request) : (planned ?? authority.answer(request, origin));
    send(response, answer);
  };
  const server = createServer((incoming, response) => {
    // A client that leaves while it sends breaks the reading of its request.
    handle(incoming, response).catch((error: Error) => response.destroy(error));
  });
  const origin = `http://127.0.0.1:${await listening(server)}`;
  const next = (path: string, misbehaviour: Misbehaviour) => {
    misbehaviours.set(path, [...(misbehaviours.get(path) ?? []), misbehaviour]);
  };

  return {
    url: origin,
    plan: authority.plan,
    get reused() {
      return authority.reused();
    },
    get issued() {
      return authority.issued();
    },
    requests: (path) => requests.filter((each) => each.path === path),
    next,
    hold(path) {
      const reached = Promise.withResolvers<LoggedRequest>();
      const gate = Promise.withResolvers<void>();
      holds.set(path, { reached, gate: gate.promise });
      return { reached: reached.promise, open: gate.resolve };
    },
    async visit(address) {
      const response = await fetch(address, { redirect: 'manual' });
      const back = response.headers.get('location');
      const page = back === null ? response : await fetch(back);
      return { status: page.status, text: await page.text() };
    },
    approve: (userCode) => authority.decide(userCode, 'approved'),
    deny: (userCode) => authority.decide(userCode, 'denied'),
    revokeAll: authority.revokeAll,
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

async function read(incoming: IncomingMessage): Promise<LoggedRequest> {
  const url = new URL(incoming.url ?? '/', 'http://localhost');
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece);
  const text = Buffer.concat(pieces).toString('utf8');
  const isJSON = incoming.headers['content-type'] === 'application/json';
  const body: [string, unknown][] = isJSON
    ? Object.entries(JSON.parse(text))
    : [...new URLSearchParams(text).entries()];
  const fields = Object.fromEntries(
    [...url.searchParams.entries(), ...body].map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
  return { path: url.pathname, method: incoming.method ?? '', headers: incoming.headers, fields };
}

function send(response: ServerResponse, { status, body, headers = {} }: Answer): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}
