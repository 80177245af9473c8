import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLLM, isTerminal } from '#host/llm/route.ts';
import type { LLMEvent } from '#host/llm/schema.ts';
import { type AnswerBytes, bodyOf, framed, framesOf, recordAnswer } from './frames.ts';
import type { Step } from './script.ts';
import { requestTo, says } from './talk.ts';
import { type Way, ways } from './ways.ts';

// Whatever a broken server or a proxy makes of an answer: it ends in one terminal event, and never in silence.

const reply: readonly Step[] = [
  { reasoning: 'Let me think.', chunks: 2 },
  { search: 'what to do', found: 'Read the file.' },
  { text: 'I read two files. ', chunks: 3 },
  { tool: 'read', input: { filePath: 'a.ts' }, chunks: 3 },
  { tool: 'list', input: { deep: [1, null, 'x'] } },
];

/** All events of an answer of these bytes, which come in pieces of these sizes. */
async function heard(
  way: Way,
  answer: AnswerBytes,
  sizes: readonly number[] = [],
): Promise<readonly LLMEvent[]> {
  const fetch = async () =>
    new Response(bodyOf(piecesOf(answer.bytes, sizes)), {
      headers: { 'content-type': answer.type },
    });
  const llm = createLLM(way.routeTo('http://answer.invalid', fetch));
  const events: LLMEvent[] = [];
  const { signal } = new AbortController();
  for await (const event of llm.stream(requestTo(way, [says('go')]), { signal })) events.push(event);
  return events;
}

function* piecesOf(bytes: Buffer<ArrayBuffer>, sizes: readonly number[]): Generator<Uint8Array<ArrayBuffer>> {
  let start = 0;
  for (const size of sizes) {
    if (start >= bytes.length) return;
    yield bytes.subarray(start, start + size);
    start += size;
  }
  if (start < bytes.length) yield bytes.subarray(start);
}

/** What the schema of events promises of every stream. */
function expectOneEnd(events: readonly LLMEvent[]): void {
  expect(events.map(isTerminal)).toEqual([...events.slice(1).map(() => false), true]);
  const count = (type: LLMEvent['type']): number => events.filter((event) => event.type === type).length;
  expect(events.slice(0, -2).some((event) => event.type === 'usage')).toBe(false);
  if (events.at(-1)?.type === 'finish') expect(count('tool.call')).toBe(count('tool.input.started'));
}

const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 40 });

test.each(ways)('random bytes end in one terminal event on $protocol', async (way) => {
  const { type } = await recordAnswer(way, reply);
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
    fc.json().map((json) => Buffer.from(`data: ${json}\n\n`)),
    fc.json().map((json) => Buffer.from(json)),
  );
  const types = fc.constantFrom(type, 'application/json', 'text/plain', 'text/html');
  await fc.assert(
    fc.asyncProperty(noise, types, sizes, async (bytes, contentType, cuts) => {
      const events = await heard(way, { bytes, type: contentType }, cuts);
      expectOneEnd(events);
      expect(events.at(-1)?.type).toBe('error');
    }),
    { numRuns: 200 },
  );
});

test.each(ways)('an answer cut anywhere ends in one terminal event on $protocol', async (way) => {
  const { bytes, type } = await recordAnswer(way, reply);
  const whole = await heard(way, { bytes, type });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: bytes.length - 1 }), sizes, async (end, cuts) => {
      const events = await heard(way, { bytes: bytes.subarray(0, end), type }, cuts);
      expectOneEnd(events);
      const spoken = events.filter((event) => event.type === 'text.delta');
      expect(whole.filter((event) => event.type === 'text.delta').slice(0, spoken.length)).toEqual(spoken);
    }),
    { numRuns: 150 },
  );
});

test.each(ways)(
  'frames lost, doubled, out of order and changed end in one terminal event on $protocol',
  async (way) => {
    const answer = await recordAnswer(way, reply);
    const frames = framesOf(answer);
    const some = fc.array(fc.nat({ max: frames.length - 1 }), { maxLength: frames.length + 3 });
    const strange = fc.array(fc.tuple(fc.nat(), fc.jsonValue({ maxDepth: 2 })), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(some, strange, sizes, async (order, changes, cuts) => {
        const chosen = order.flatMap((place) => frames[place] ?? []);
        const changed = chosen.map((frame, at) => {
          const [place, value] = changes[at] ?? [];
          return place === undefined ? frame : { ...frame, body: replaced(frame.body, place, value) };
        });
        expectOneEnd(await heard(way, framed(answer, changed), cuts));
      }),
      { numRuns: 300 },
    );
  },
);

test.each(ways)('a flipped bit ends in one terminal event on $protocol', async (way) => {
  const { bytes, type } = await recordAnswer(way, reply);
  const bit = fc.nat({ max: bytes.length * 8 - 1 });
  await fc.assert(
    fc.asyncProperty(bit, sizes, async (place, cuts) => {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(place >> 3) ^ (1 << (place & 7)), place >> 3);
      expectOneEnd(await heard(way, { bytes: flipped, type }, cuts));
    }),
    { numRuns: 200 },
  );
});

/** The JSON with another value in one of its places, counted depth first. */
function replaced(json: unknown, place: number, value: unknown): unknown {
  const all = placesIn(json);
  const chosen = all[place % all.length];
  const copy = (each: unknown): unknown => {
    if (each === chosen) return value;
    if (Array.isArray(each)) return each.map(copy);
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([name, inner]) => [name, copy(inner)]));
  };
  return copy(json);
}

function placesIn(json: unknown): readonly unknown[] {
  const inside = typeof json === 'object' && json !== null ? Object.values(json) : [];
  return [json, ...inside.flatMap(placesIn)];
}
