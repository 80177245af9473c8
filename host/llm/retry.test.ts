import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import type { Clock } from './clock.ts';
import { type RetryOptions, withRetries } from './retry.ts';
import type { LLM } from './route.ts';
import type { LLMError, LLMEvent } from './schema.ts';
import { smallRequest } from './testing/recordings.ts';

const overloaded: LLMError = { code: 'server', message: 'Overloaded', retryable: true };
const failed = (error: LLMError = overloaded): LLMEvent => ({ type: 'error', error });
const usage: LLMEvent = { type: 'usage', input: 1, output: 0, reasoning: 0, cacheRead: 0, cacheWrite: 0 };
const hi: LLMEvent = { type: 'text.delta', text: 'Hi' };
const finish: LLMEvent = { type: 'finish', reason: 'stop', raw: null };

/** A model that answers with each list in turn, the last one again and again. */
function scripted(...answers: readonly (readonly LLMEvent[])[]): LLM & { asked(): number } {
  let count = 0;
  return {
    asked: () => count,
    warm: async () => undefined,
    async *stream() {
      const answer = answers[Math.min(count, answers.length - 1)] ?? [];
      count += 1;
      yield* answer;
    },
  };
}

/** A clock whose waits are over at once, and remembered. */
function quickClock(): Clock & { readonly waits: readonly number[] } {
  const waits: number[] = [];
  return {
    waits,
    now: () => 0,
    after(ms, callback) {
      waits.push(ms);
      queueMicrotask(callback);
      return () => undefined;
    },
  };
}

async function collect(llm: LLM, options: RetryOptions): Promise<readonly LLMEvent[]> {
  const events: LLMEvent[] = [];
  const { signal } = new AbortController();
  for await (const event of withRetries(llm, { random: () => 0.5, ...options }).stream(smallRequest, {
    signal,
  }))
    events.push(event);
  return events;
}

test('a refusal that may pass is told and tried again, and the answer follows (LM-11)', async () => {
  const llm = scripted([failed()], [usage, failed()], [hi, usage, finish]);
  const clock = quickClock();
  expect(await collect(llm, { clock })).toEqual([
    { type: 'retry', attempt: 1, waitMs: 2000, error: overloaded },
    { type: 'retry', attempt: 2, waitMs: 4000, error: overloaded },
    hi,
    usage,
    finish,
  ]);
  expect(clock.waits).toEqual([2000, 4000]);
});

test('after four repetitions the error is the answer, with its usage', async () => {
  const llm = scripted([usage, failed()]);
  const clock = quickClock();
  const events = await collect(llm, { clock });
  expect(events.slice(-2)).toEqual([usage, failed()]);
  expect(events.filter(({ type }) => type === 'retry')).toHaveLength(4);
  expect(llm.asked()).toBe(5);
  expect(clock.waits).toEqual([2000, 4000, 8000, 16_000]);
});

test('a connection that cannot be made is tried twice more, and then told', async () => {
  const llm = scripted([failed({ code: 'unreachable', message: 'ECONNREFUSED', retryable: true })]);
  const events = await collect(llm, { clock: quickClock() });
  expect(events.map(({ type }) => type)).toEqual(['retry', 'retry', 'error']);
  expect(llm.asked()).toBe(3);
});

test('waits grow to half a minute and are spread by a quarter', async () => {
  const waitsAt = async (random: number): Promise<readonly number[]> => {
    const clock = quickClock();
    await collect(scripted([failed()]), { clock, times: 6, random: () => random });
    return clock.waits;
  };
  expect(await waitsAt(0)).toEqual([1500, 3000, 6000, 12_000, 22_500, 22_500]);
  expect(await waitsAt(1)).toEqual([2500, 5000, 10_000, 20_000, 37_500, 37_500]);
});

test('what the provider asks to wait is waited, unless it is too long for anybody', async () => {
  const clock = quickClock();
  const soon = { ...overloaded, retryAfterMs: 7300 };
  await collect(scripted([failed(soon)], [finish]), { clock });
  expect(clock.waits).toEqual([7300]);
  const late = { ...overloaded, retryAfterMs: 3_600_000 };
  expect(await collect(scripted([failed(late)]), { clock })).toEqual([failed(late)]);
});

test.each<readonly [string, readonly LLMEvent[]]>([
  ['once words have come', [hi, failed()]],
  ['once a call has begun', [{ type: 'tool.input.started', callID: 'c', name: 'n' }, failed()]],
  ['for what does not pass', [failed({ ...overloaded, code: 'auth', retryable: false })]],
])('nothing is tried again %s', async (_when, answer) => {
  const llm = scripted(answer);
  expect(await collect(llm, { clock: quickClock() })).toEqual(answer);
  expect(llm.asked()).toBe(1);
});

test('an abort ends the wait with its reason, and leaves neither timer nor listener', async () => {
  const caller = new AbortController();
  const llm = scripted([failed()]);
  let cancelled = 0;
  const clock: Clock = { now: () => 0, after: () => () => (cancelled += 1) };
  const reading = async (): Promise<void> => {
    for await (const event of withRetries(llm, { clock }).stream(smallRequest, { signal: caller.signal })) {
      expect(event.type).toBe('retry');
      queueMicrotask(() => caller.abort('stopped'));
    }
  };
  await expect(reading()).rejects.toBe('stopped');
  expect([llm.asked(), cancelled, getEventListeners(caller.signal, 'abort').length]).toEqual([1, 1, 0]);
});
