import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { type AnswerBytes, framed, framesOf, recordAnswer } from './frames.ts';
import { ways } from './ways.ts';

const program = join(import.meta.dirname, 'flat-child.ts');
const run = promisify(execFile);
const piece = 'A piece of an answer that does not end. '.repeat(100);
/** 200 MB in all. */
const pieces = 50_000;

/** An answer of one text in so many pieces, made while it is read. */
function* endless(answer: AnswerBytes): Generator<Buffer> {
  const frames = framesOf(answer);
  // The last one: others bring the beginning, and an empty piece.
  const at = frames.findLastIndex(({ body }) => JSON.stringify(body).includes(`"${piece}"`) && isPiece(body));
  const middle = framed(answer, frames.slice(at, at + 1)).bytes;
  yield framed(answer, frames.slice(0, at)).bytes;
  for (let count = 0; count < pieces; count += 1) yield middle;
  yield framed(answer, frames.slice(at + 1)).bytes;
}

/** Responses says the whole again at its end, under other names. */
function isPiece(body: unknown): boolean {
  if (typeof body !== 'object' || body === null || !('type' in body)) return true;
  return String(body.type).includes('delta');
}

test.each(ways)(
  'memory stays flat while 200 MB are read on $protocol (LM-02)',
  async (way) => {
    const answer = await recordAnswer(way, [{ text: piece }]);
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': answer.type });
      Readable.from(endless(answer), { objectMode: false }).pipe(response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const args = ['--expose-gc', program, way.protocol, origin, String(pieces)];
      const { stdout } = await run(process.execPath, args);
      const { characters, held, last } = JSON.parse(stdout);
      expect({ characters, last }).toEqual({ characters: pieces * piece.length, last: 'finish' });
      expect(held).toHaveLength(10);
      expect(Math.max(...held) - held[0]).toBeLessThan(8);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  },
  120_000,
);
