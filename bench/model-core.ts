import { setImmediate } from 'node:timers/promises';
import { createLLM } from '#host/llm/route.ts';
import type { LLMEvent, LLMMessage, LLMRequest } from '#host/llm/schema.ts';
import {
  type AnswerBytes,
  bodyOf,
  framed,
  framesOf,
  recordAnswer,
} from '../test-fixtures/model-server/frames.ts';
import { answerOf, requestTo, says } from '../test-fixtures/model-server/talk.ts';
import { type Way, ways } from '../test-fixtures/model-server/ways.ts';

/**
 * What the model core costs on each protocol: to make events of a provider's bytes, against `JSON.parse` of the same
 * frames; to hand on the first event; to write the request of a long conversation.
 */
export async function benchModelCore({
  rounds = 9,
  pieces = 20_000,
  parts = 5000,
} = {}): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const way of ways) lines.push(...(await benchWay(way, { rounds, pieces, parts })));
  return [
    '',
    'Events of an answer / JSON.parse of its frames (2.0, or 100,000 events/s, are wanted)',
    ...lines,
  ];
}

type Sizes = { readonly rounds: number; readonly pieces: number; readonly parts: number };

async function benchWay(way: Way, { rounds, pieces, parts }: Sizes): Promise<readonly string[]> {
  const answer = await recordAnswer(way, [
    { reasoning: words(pieces / 10), chunks: pieces / 10 },
    { text: words(pieces), chunks: pieces },
    { tool: 'read', input: { text: words(pieces / 10) }, chunks: pieces / 10 },
  ]);
  const texts = framesOf(answer).flatMap(({ body }) =>
    typeof body === 'string' ? [] : [JSON.stringify(body)],
  );
  const request = requestTo(way, await longHistory(way, parts));
  const { protocol } = way.routeTo(nowhere);
  const samples = {
    parse: [] as number[],
    decode: [] as number[],
    read: [] as number[],
    encode: [] as number[],
  };
  let events = 0;
  for (let round = 0; round < rounds; round++) {
    samples.parse.push(timed(() => each(texts, (text) => JSON.parse(text))));
    const decoder = protocol.decoder(requestTo(way, []));
    samples.decode.push(timed(() => each(texts, (text) => decoder.push(JSON.parse(text)))));
    const start = performance.now();
    events = (await eventsOf(way, answer)).length;
    samples.read.push(performance.now() - start);
    samples.encode.push(timed(() => JSON.stringify(protocol.encode(request))));
  }
  const first = await firstEvent(way, answer, rounds * 20);
  const [parse, decode] = [median(samples.parse), median(samples.decode)];
  const [read, encode] = [median(samples.read), median(samples.encode)];
  return [
    `  ${way.protocol}: ${ratio(decode, parse)}, ${rate(events, decode)} events/s; with its framing ${ratio(read, parse)}, ${rate(events, read)}`,
    `    ${texts.length} frames in ${ms(decode)}, ${ms(read)}; parsed alone in ${ms(parse)}`,
    `    first event after its bytes: ${ms(first)} (1 ms is wanted); a request of ${parts} parts: ${ms(encode)} (30 ms are wanted)`,
  ];
}

const nowhere = 'http://bench.invalid';

/** Words in about so many pieces of four characters. */
function words(count: number): string {
  return 'abc '.repeat(Math.max(1, count));
}

/** All of an answer whose bytes come as a socket brings them. */
async function eventsOf(way: Way, { bytes, type }: AnswerBytes): Promise<readonly LLMEvent[]> {
  const body = () => bodyOf(sliced(bytes, 16 * 1024));
  const fetch = async () => new Response(body(), { headers: { 'content-type': type } });
  const llm = createLLM(way.routeTo(nowhere, fetch));
  const events: LLMEvent[] = [];
  const { signal } = new AbortController();
  for await (const event of llm.stream(requestTo(way, []), { signal })) events.push(event);
  return events;
}

function* sliced(bytes: Buffer<ArrayBuffer>, size: number): Generator<Uint8Array<ArrayBuffer>> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

/** Milliseconds from the moment at which the first words of an answer are there until the subscriber has them. */
async function firstEvent(way: Way, answer: AnswerBytes, rounds: number): Promise<number> {
  const beginning = framed(answer, framesOf(answer).slice(0, 6)).bytes;
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const asked = Promise.withResolvers<void>();
    const fetch = async () => {
      asked.resolve();
      return new Response(readable, { headers: { 'content-type': answer.type } });
    };
    const caller = new AbortController();
    const llm = createLLM(way.routeTo(nowhere, fetch));
    const events = llm.stream(requestTo(way, []), { signal: caller.signal })[Symbol.asyncIterator]();
    const first = events.next();
    await asked.promise;
    await setImmediate();
    const start = performance.now();
    const written = writable.getWriter().write(beginning);
    await first;
    times.push(performance.now() - start);
    await written;
    await events.return?.();
  }
  return median(times);
}

/** Prompts, thoughts, texts, calls and results in turn, with the facts that this protocol gives them. */
async function longHistory(way: Way, parts: number): Promise<LLMRequest['messages']> {
  const answer = await recordAnswer(way, [
    { reasoning: sentence },
    { text: sentence.repeat(2) },
    { tool: 'read', input: { filePath: 'src/server/routes.ts', offset: 120 } },
  ]);
  const { content } = answerOf(await eventsOf(way, answer));
  const turn = (number: number): readonly LLMMessage[] => {
    const id = `call_${number}`;
    const own = content.map((part) => (part.type === 'tool-call' ? { ...part, id } : part));
    const result = { callID: id, name: 'read', output: sentence.repeat(6), isError: false };
    return [says(sentence), { type: 'assistant', content: own }, { type: 'tool-result', ...result }];
  };
  return Array.from({ length: Math.ceil(parts / (content.length + 2)) }, (_, number) => turn(number)).flat();
}

const sentence = 'The test raced the redirect, so it waits for the cookie now. ';

function each(texts: readonly string[], act: (text: string) => unknown): void {
  for (const text of texts) act(text);
}

function timed(act: () => void): number {
  const start = performance.now();
  act();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function ratio(value: number, baseline: number): string {
  return (value / baseline).toFixed(2);
}

/** Per second. */
function rate(events: number, milliseconds: number): string {
  return ((events / milliseconds) * 1000).toFixed(0);
}

function ms(milliseconds: number): string {
  return `${milliseconds.toFixed(milliseconds < 10 ? 2 : 0)} ms`;
}
