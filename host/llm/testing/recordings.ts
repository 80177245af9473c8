import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createLLM, type Route } from '../route.ts';
import type { LLMEvent, LLMRequest } from '../schema.ts';

/** Answers of real providers, recorded by others and read in place; see the README of that folder. */
const folder = resolve(import.meta.dirname, '../../../../shared/recordings');

/** Tests that need recordings are skipped by name where they are not at hand. */
export const hasRecordings = existsSync(folder);

export type Answer = {
  readonly name: string;
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
  readonly url: string;
  /** What was sent for it; '' where it was not recorded. */
  readonly sent: string;
};

/**
 * Every recorded answer of an address that is accepted, from the folders named and from `opencode`.
 * @param accepts the address that was called; '' for a stream that was recorded alone.
 */
export function recordedAnswers(
  folders: readonly string[],
  accepts: (url: string) => boolean,
): readonly Answer[] {
  if (!hasRecordings) return [];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const isNamed = (file: string): boolean => file.split(separator).some((name) => folders.includes(name));
  return files
    .filter((file) => file.startsWith('opencode') || isNamed(file))
    .flatMap((file) => answersOf(file))
    .filter(({ name, url }) => (url === '' ? isNamed(name) : accepts(url)));
}

const separator = /[/\\]/;

type Interaction = {
  readonly transport?: string;
  readonly request?: { readonly url: string; readonly body?: string };
  readonly response?: {
    readonly status: number;
    readonly headers: Record<string, string>;
    readonly body: string;
    readonly bodyEncoding?: 'text' | 'base64';
  };
};

function answersOf(file: string): readonly Answer[] {
  const text = () => readFileSync(join(folder, file), 'utf8');
  if (file.endsWith('.sse')) {
    const body = Buffer.from(text());
    return [{ name: file, status: 200, type: 'text/event-stream', body, url: '', sent: '' }];
  }
  if (!file.endsWith('.json')) return [];
  const { interactions = [] }: { interactions?: readonly Interaction[] } = JSON.parse(text());
  return interactions.flatMap(({ request, response }, index) => {
    if (request === undefined || response === undefined) return [];
    const { status, headers, body, bodyEncoding } = response;
    return [
      {
        name: `${file} #${index}`,
        status,
        type: headers['content-type'] ?? '',
        body: Buffer.from(body, bodyEncoding === 'base64' ? 'base64' : 'utf8'),
        url: request.url,
        sent: request.body ?? '',
      },
    ];
  });
}

/** The least that can be asked. */
export const smallRequest: LLMRequest = { model: 'm', system: [], messages: [], tools: [], generation: {} };

export async function collect(route: Route, request = smallRequest): Promise<readonly LLMEvent[]> {
  const all: LLMEvent[] = [];
  for await (const event of createLLM(route).stream(request, { signal: new AbortController().signal }))
    all.push(event);
  return all;
}

/** `bytes` in pieces; `size` gives that of the piece which begins at a position. */
export function cutUp(bytes: Buffer, size: (position: number) => number): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = start + Math.max(1, size(start));
    pieces.push(bytes.subarray(start, end));
    start = end;
  }
  return pieces;
}

/** Sizes from one byte to some hundreds, the same for the same seed (mulberry32). */
export function randomSizes(seed: number): () => number {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Math.ceil(next() ** 3 * 400);
}

export function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}

/** What is pinned of an answer: enough to see a change, nothing of its words. */
export function digestOf(list: readonly LLMEvent[]): object {
  const counts = Object.fromEntries(
    [...Map.groupBy(list, ({ type }) => type)].map(([type, some]) => [type, some.length]),
  );
  const last = list.at(-1);
  return {
    counts,
    all: hashOf(list),
    usage: list.find(({ type }) => type === 'usage') ?? null,
    end:
      last?.type === 'error'
        ? { ...last.error, message: hashOf(last.error.message) }
        : last?.type === 'finish' && last.reason,
  };
}

/** The texts of all events of a type, put together. */
export function textsOf(list: readonly LLMEvent[], type: LLMEvent['type']): string {
  return list.map((event) => (event.type === type && 'text' in event ? event.text : '')).join('');
}
