import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openaiCompatible } from '../../providers/openai-compatible.ts';
import { createLLM } from '../../route.ts';
import type { LLMEvent, LLMRequest } from '../../schema.ts';

/** Answers of real providers, recorded by others and read in place; see the README of that folder. */
const folder = resolve(import.meta.dirname, '../../../../../shared/recordings');

type Answer = {
  readonly name: string;
  readonly status: number;
  readonly type: string;
  readonly body: string;
};
type Interaction = {
  readonly request?: { readonly url: string };
  readonly response: {
    readonly status: number;
    readonly headers: Record<string, string>;
    readonly body: string;
  };
};

function recorded(): readonly Answer[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return files.filter((file) => /^(openai-chat|opencode)[/\\]/.test(file)).flatMap((file) => answers(file));
}

function answers(file: string): readonly Answer[] {
  const text = () => readFileSync(join(folder, file), 'utf8');
  if (file.endsWith('.sse')) return [{ name: file, status: 200, type: 'text/event-stream', body: text() }];
  if (!file.endsWith('.json')) return [];
  const { interactions = [] }: { interactions?: readonly Interaction[] } = JSON.parse(text());
  return interactions.flatMap(({ request, response }, index) => {
    if (request === undefined || !request.url.includes('/chat/completions')) return [];
    const type = response.headers['content-type'] ?? '';
    return [{ name: `${file} #${index}`, status: response.status, type, body: response.body }];
  });
}

const request: LLMRequest = { model: 'm', system: [], messages: [], tools: [], generation: {} };
const events = async (route: Parameters<typeof createLLM>[0]): Promise<readonly LLMEvent[]> => {
  const all: LLMEvent[] = [];
  for await (const event of createLLM(route).stream(request, { signal: new AbortController().signal }))
    all.push(event);
  return all;
};

/** Sends the pieces it is told one by one, each in a write of its own. */
let next: { readonly answer: Answer; readonly pieces: readonly Uint8Array[] } | null = null;
let server: Server;
beforeAll(async () => {
  server = createServer({ noDelay: true }, async (incoming, response) => {
    incoming.resume();
    if (next === null) throw new Error('nothing to replay');
    const { answer, pieces } = next;
    response.writeHead(answer.status, { 'content-type': answer.type });
    for (const piece of pieces) {
      await new Promise<void>((written) => response.write(piece, () => setImmediate(written)));
    }
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

function overHTTP(answer: Answer, pieces: readonly Uint8Array[]): Promise<readonly LLMEvent[]> {
  next = { answer, pieces };
  return events(
    openaiCompatible({ baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` }),
  );
}

/** The same without a socket between, so that every piece is sure to arrive as it was cut. */
function inPieces(answer: Answer, pieces: readonly Uint8Array[]): Promise<readonly LLMEvent[]> {
  const body = (): ReadableStream<Uint8Array> => ReadableStream.from(pieces);
  const fetch = async (): Promise<Response> =>
    new Response(body(), { status: answer.status, headers: { 'content-type': answer.type } });
  return events(openaiCompatible({ baseURL: 'http://replay.invalid/v1', fetch }));
}

function cut(text: string, size: (position: number) => number): readonly Uint8Array[] {
  const bytes = Buffer.from(text);
  const pieces: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = start + Math.max(1, size(start));
    pieces.push(bytes.subarray(start, end));
    start = end;
  }
  return pieces;
}

/** A small generator of repeatable numbers (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const hash = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);

/** What is pinned of an answer: enough to see a change, nothing of its words. */
function digest(list: readonly LLMEvent[]): object {
  const counts = Object.fromEntries(
    [...Map.groupBy(list, ({ type }) => type)].map(([type, some]) => [type, some.length]),
  );
  const last = list.at(-1);
  return {
    counts,
    all: hash(list),
    usage: list.find(({ type }) => type === 'usage') ?? null,
    end:
      last?.type === 'error'
        ? { ...last.error, message: hash(last.error.message) }
        : last?.type === 'finish' && last.reason,
  };
}

const list = recorded();

describe.skipIf(list.length === 0)('recorded answers of chat completions', () => {
  test.each(list.map((answer) => [answer.name, answer] as const))(
    '%s is decoded alike at every split',
    async (_name, answer) => {
      const golden = await overHTTP(
        answer,
        cut(answer.body, () => answer.body.length),
      );
      expect(golden.filter(({ type }) => type === 'finish' || type === 'error')).toHaveLength(1);
      expect(golden.at(-1)?.type).toMatch(/^(finish|error)$/);
      expect(JSON.stringify(digest(golden))).toMatchSnapshot();
      expect(
        await overHTTP(
          answer,
          cut(answer.body, () => 37),
        ),
      ).toEqual(golden);
      const numbers = random(answer.body.length);
      const randomSize = (): number => Math.ceil(numbers() ** 3 * 400);
      expect(await inPieces(answer, cut(answer.body, randomSize))).toEqual(golden);
      if (answer.body.length < 9000)
        expect(
          await inPieces(
            answer,
            cut(answer.body, () => 1),
          ),
        ).toEqual(golden);
      if (!answer.type.includes('event-stream')) return;
      const crlf = answer.body.replace(/\r?\n/g, '\r\n');
      expect(await inPieces(answer, cut(crlf, randomSize))).toEqual(golden);
      const noisy = answer.body.replace(
        /^data: /gm,
        ': keep-alive\n\nid: 7\nretry: 10\nevent: message\ndata:',
      );
      expect(
        await overHTTP(
          answer,
          cut(noisy, () => 211),
        ),
      ).toEqual(golden);
      expect(words(golden)).toEqual(wordsByHand(answer.body));
    },
  );

  test('small answers are decoded alike when cut in two at every byte', async () => {
    const small = list.filter(({ body }) => body.length < 1300);
    expect(small.length).toBeGreaterThan(0);
    for (const answer of small) {
      const golden = await inPieces(answer, [Buffer.from(answer.body)]);
      const bytes = Buffer.from(answer.body);
      for (let at = 1; at < bytes.length; at += 1) {
        const pieces = [bytes.subarray(0, at), bytes.subarray(at)];
        if (hash(await inPieces(answer, pieces)) !== hash(golden))
          expect.fail(`${answer.name} differs when cut at ${at}`);
      }
    }
  }, 60_000);
});

test.skipIf(!existsSync(folder))('recorded answers are at hand', () => {
  expect(list.length).toBeGreaterThan(10);
});

type Words = { readonly text: string; readonly reasoning: string; readonly args: string };

function words(decoded: readonly LLMEvent[]): Words {
  const of = (type: LLMEvent['type']): string =>
    decoded.map((event) => (event.type === type && 'text' in event ? event.text : '')).join('');
  return { text: of('text.delta'), reasoning: of('reasoning.delta'), args: of('tool.input.delta') };
}

/** Another, plain reading of the same stream, to compare with. */
function wordsByHand(body: string): Words {
  const chunks = body
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:') && !line.includes('[DONE]'))
    .map((line) => JSON.parse(line.slice(5)));
  const until = chunks.findIndex(
    (chunk) => chunk.error || typeof chunk.choices?.[0]?.delta?.content === 'number',
  );
  const deltas = chunks
    .slice(0, until === -1 ? undefined : until)
    .map((chunk) => chunk.choices?.[0]?.delta ?? {});
  return {
    text: deltas.map(({ content }) => content ?? '').join(''),
    reasoning: deltas.map((delta) => delta.reasoning_content ?? delta.reasoning ?? '').join(''),
    args: deltas
      .flatMap(({ tool_calls }) => tool_calls ?? [])
      .map((call) => call.function?.arguments ?? '')
      .join(''),
  };
}
