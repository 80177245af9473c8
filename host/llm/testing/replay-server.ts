import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll } from 'vitest';
import type { Fetch } from '../framing/exchange.ts';
import type { Answer } from './recordings.ts';

export type Reply = Pick<Answer, 'status' | 'type'> & {
  readonly pieces: readonly Uint8Array[];
  readonly headers?: Readonly<Record<string, string>>;
};

export type ReplayServer = {
  /** `http://127.0.0.1:<port>`, once the tests of the file run. */
  origin(): string;
  /** What the next request is answered with, each piece in a write of its own. */
  answerWith(reply: Reply): void;
  /** The requests so far, with their bodies. */
  readonly requests: readonly { readonly message: IncomingMessage; readonly body: string }[];
};

/** A real HTTP server for the tests of a file, which says what it is told. */
export function useReplayServer(): ReplayServer {
  let next: Reply | undefined;
  const requests: { message: IncomingMessage; body: string }[] = [];
  const server = createServer({ noDelay: true }, async (message, response) => {
    let body = '';
    for await (const bytes of message) body += bytes;
    requests.push({ message, body });
    if (next === undefined) throw new Error('nothing to replay');
    const { status, type, pieces, headers } = next;
    response.writeHead(status, { 'content-type': type, ...headers });
    for (const piece of pieces) {
      await new Promise<void>((written) => response.write(piece, () => setImmediate(written)));
    }
    response.end();
  });
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    origin: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answerWith: (reply) => {
      next = reply;
    },
    requests,
  };
}

/** The same without a socket between, so that every piece is sure to arrive as it was cut. */
export function replayFetch({ status, type, pieces, headers }: Reply): Fetch {
  return async () =>
    new Response(ReadableStream.from(pieces), { status, headers: { 'content-type': type, ...headers } });
}
