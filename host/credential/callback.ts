import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { HostError } from '#shared/host-error.ts';
import { isLoopback } from '../ports/browser.ts';
import type { Clock } from '../ports/clock.ts';
import { orAborted } from './interaction.ts';
import { errorCode } from './token-request.ts';

/** What the browser brought back from the authorization server. */
export type CallbackAnswer =
  | { readonly type: 'code'; readonly code: string; readonly issuer: string | undefined }
  | { readonly type: 'refused'; readonly error: string; readonly words: string };

export interface CallbackTerms {
  /** Any free one where absent. */
  readonly port: number | undefined;
  readonly path: string;
  readonly state: string;
  readonly clock: Clock;
}

export interface Callback extends AsyncDisposable {
  readonly port: number;
  /**
   * The first answer; later ones are turned away.
   * @throws HostError `credential.state-mismatch`, `credential.timed-out`
   */
  answer(signal: AbortSignal): Promise<CallbackAnswer>;
}

/** How long a user may take in the browser. */
const patienceMs = 10 * 60_000;

/**
 * Waits on the loopback interface for the browser to come back. Only a GET of the very path, with this very sign-in's
 * state, is an answer; one with another state ends the sign-in, because it was not this window that it was made for.
 * @throws HostError `credential.port-busy`
 */
export async function awaitCallback(terms: CallbackTerms): Promise<Callback> {
  const answered = Promise.withResolvers<CallbackAnswer>();
  // Given up before anybody waits for it, it is nobody's error.
  answered.promise.catch(() => undefined);
  const visit = visitor(terms, answered);
  const server = createServer((request, response) => {
    visit(request, response);
  });
  const port = await listening(server, terms.port);
  const timer = terms.clock.after(patienceMs, () => answered.reject(timedOut()));
  return {
    port,
    answer: (signal) => orAborted(answered.promise, signal),
    async [Symbol.asyncDispose]() {
      timer[Symbol.dispose]();
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      // The page that says how it went has gone out before the answer was told.
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

type Answered = PromiseWithResolvers<CallbackAnswer>;

function visitor({ path, state }: CallbackTerms, answered: Answered) {
  let isOver = false;
  return (request: IncomingMessage, response: ServerResponse): void => {
    // What a client sends there may be no address at all, such as `//`.
    const { pathname, searchParams } = URL.parse(request.url ?? '/', 'http://127.0.0.1') ?? nowhere;
    if (!isFromHere(request)) page(response, [421, 'This address is not answered here.']);
    else if (request.method !== 'GET' || pathname !== path) page(response, [404, 'There is nothing here.']);
    else if (isOver) page(response, [410, 'This sign-in is over. You can close this page.']);
    else {
      isOver = true;
      // The page first: with the answer the server ends.
      response.once('close', () => settle(searchParams, state, answered));
      page(response, pageOf(searchParams, state));
    }
  };
}

/** A page elsewhere that has its own name lead to this machine sends that name. */
function isFromHere({ headers }: IncomingMessage): boolean {
  const address = `http://${headers.host ?? ''}`;
  return URL.canParse(address) && isLoopback(new URL(address).hostname);
}

const nowhere = { pathname: '', searchParams: new URLSearchParams() };

type Page = readonly [status: number, words: string];

function pageOf(query: URLSearchParams, state: string): Page {
  if (!isState(query, state)) return [400, 'This answer belongs to another sign-in. Nothing was signed in.'];
  if (query.has('error') || !query.get('code')) {
    return [200, 'The sign-in was refused. Millrace says more; you can close this page.'];
  }
  return [200, 'You are done here. Close this page and go back to Millrace.'];
}

function settle(query: URLSearchParams, state: string, answered: Answered): void {
  const code = query.get('code');
  if (!isState(query, state)) answered.reject(wrongState());
  else if (code && !query.has('error')) {
    answered.resolve({ type: 'code', code, issuer: query.get('iss') ?? undefined });
  } else {
    const words = query.get('error_description') ?? '';
    answered.resolve({ type: 'refused', error: errorCode(query.get('error') ?? 'no_code'), words });
  }
}

function isState(query: URLSearchParams, state: string): boolean {
  const given = Buffer.from(query.get('state') ?? '');
  const own = Buffer.from(state);
  return given.length === own.length && timingSafeEqual(given, own);
}

/** Words of ours alone: nothing that came in the address gets into the page. */
function page(response: ServerResponse, [status, words]: Page): void {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Millrace</title><p>${words}</p></html>\n`;
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'",
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    connection: 'close',
  });
  response.end(html);
}

function listening(server: Server, port: number | undefined): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once('error', (error) => {
    const isBusy = 'code' in error && error.code === 'EADDRINUSE';
    reject(isBusy && port !== undefined ? portBusy(port) : error);
  });
  server.listen(port ?? 0, '127.0.0.1', () => {
    const address = server.address();
    resolve(typeof address === 'object' && address !== null ? address.port : 0);
  });
  return promise;
}

function portBusy(port: number): HostError {
  return new HostError(
    'credential.port-busy',
    `This sign-in needs the port ${port} of this machine, and another program holds it: a sign-in in another window, perhaps. End that, then try again.`,
    { data: { port } },
  );
}

function wrongState(): HostError {
  return new HostError(
    'credential.state-mismatch',
    'The browser came back with the answer to another sign-in. Nothing was signed in. Start again, and use the page that opens then.',
  );
}

function timedOut(): HostError {
  return new HostError(
    'credential.timed-out',
    `Nobody signed in in the browser within ${patienceMs / 60_000} minutes. Start again when you are ready.`,
  );
}
