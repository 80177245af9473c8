import * as Schema from 'effect/Schema';
import { beforeEach, expect, test } from 'vitest';
import type { Log } from '../ports/log.ts';
import { type ContextRegistryOptions, createContextRegistry } from './context-registry.ts';
import {
  type ContextSource,
  type ContextTurn,
  defineSource,
  type SourceDefinition,
} from './context-source.ts';
import { promoting } from './testing/source-world.ts';
import { type SteppedClock, steppedClock } from './testing/stepped-clock.ts';

const Value = Schema.Struct({ v: Schema.String });
type Value = typeof Value.Type;

let time: SteppedClock;
let told: string[];
let lines: string[];

beforeEach(() => {
  time = steppedClock();
  told = [];
  lines = [];
});

const log: Log = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: (message) => void lines.push(message),
  error: (message) => void lines.push(message),
};

function source(
  key: string,
  observe: SourceDefinition<Value>['observe'],
  more: Partial<SourceDefinition<Value>> = {},
): ContextSource {
  return defineSource<Value>({
    key,
    codec: Value,
    observe,
    baseline: ({ v }) => `${key}=${v}`,
    update: ({ v }) => `${key} is now ${v}`,
    removal: () => `${key} is gone`,
    ...more,
  });
}

const constant = (key: string, v: string) => source(key, async () => ({ v }));

function registryOf(sources: readonly ContextSource[], more: Partial<ContextRegistryOptions> = {}) {
  return createContextRegistry({
    sources,
    clock: time.clock,
    log,
    onUnavailable: (key, error) => told.push(`${key}: ${error instanceof Error ? error.message : error}`),
    onAvailable: (key) => told.push(`${key} is back`),
    ...more,
  });
}

/** A source whose observations end when and as the test says, and which may ignore that it is to stop. */
function gated(key: string, { heeds = false }: { readonly heeds?: boolean } = {}) {
  const starts: { readonly turn: ContextTurn; readonly gate: PromiseWithResolvers<Value | undefined> }[] = [];
  const made = source(key, (turn) => {
    const gate = Promise.withResolvers<Value | undefined>();
    starts.push({ turn, gate });
    if (heeds) turn.signal.addEventListener('abort', () => gate.reject(turn.signal.reason), { once: true });
    return gate.promise;
  });
  return { source: made, starts };
}

/** Lets what can go on without the clock go on. */
const settled = () => new Promise<void>((done) => setImmediate(done));

test('changes are told together, once, and nothing is told when nothing changed (RT-08)', () => {
  const registry = registryOf(['a', 'b', 'c', 'd'].map((key) => constant(key, '')));
  const before = { a: { v: '1' }, b: { v: '1' }, c: { v: '1' } };
  expect(registry.changes(before, { a: { v: '2' }, b: { v: '1' }, d: { v: '9' } })).toEqual({
    text: 'a is now 2\n\nc is gone\n\nd is now 9',
    sources: ['a', 'c', 'd'],
  });
  expect(registry.changes(before, structuredClone(before))).toBeUndefined();
});

test('a source that fails keeps its last value, and is reported and logged once until it works again', async () => {
  let fails = true;
  const flaky = source('a', async () => {
    if (fails) throw new Error('no disk');
    return { v: 'new' };
  });
  const registry = registryOf([flaky, constant('b', 'new')]);
  const last = { a: { v: 'old' }, b: { v: 'old' } };
  expect(await registry.observe(promoting, last)).toEqual({ a: { v: 'old' }, b: { v: 'new' } });
  await registry.observe(promoting, last);
  expect(told).toEqual(['a: no disk']);
  expect(lines).toEqual(['A context source failed']);
  fails = false;
  expect(await registry.observe(promoting, last)).toEqual({ a: { v: 'new' }, b: { v: 'new' } });
  await registry.observe(promoting, last);
  expect(told).toEqual(['a: no disk', 'a is back']);
  fails = true;
  await registry.observe(promoting, last);
  expect(told).toHaveLength(3);
});

test('a source that throws before it returns a promise is one that fails', async () => {
  const registry = registryOf([
    source('a', () => {
      throw new Error('at once');
    }),
  ]);
  expect(await registry.observe(promoting, {})).toEqual({});
  expect(told).toEqual(['a: at once']);
});

test('sources that hang hold the boundary up for one bound in all, and are told to stop', async () => {
  const [one, two] = [gated('one'), gated('two')];
  const registry = registryOf([one.source, constant('b', 'new'), two.source]);
  const observed = registry.observe(promoting, { one: { v: 'old' } });
  await settled();
  expect(time.waiting).toEqual([1_000, 1_000]);
  time.elapse(999);
  expect(one.starts[0]?.turn.signal.aborted).toBe(false);
  time.elapse(1);
  expect(await observed).toEqual({ one: { v: 'old' }, b: { v: 'new' } });
  expect([...one.starts, ...two.starts].map(({ turn }) => turn.signal.aborted)).toEqual([true, true]);
  expect(told).toEqual([
    expect.stringContaining('"one" was not known within 1000 ms'),
    expect.stringContaining('"two" was not known within 1000 ms'),
  ]);
});

test('an initial source that is not ready is left out of the baseline and told later as a change', async () => {
  const { source: slow, starts } = gated('slow', { heeds: true });
  const registry = registryOf([constant('b', '1'), slow], { boundMs: 10 });
  const first = registry.observe(promoting, {});
  await settled();
  time.elapse(10);
  const snapshot = await first;
  expect(registry.baseline(snapshot)).toBe('b=1');
  const second = registry.observe(promoting, snapshot);
  starts[1]?.gate.resolve({ v: 'ready' });
  expect(registry.changes(snapshot, await second)).toEqual({ text: 'slow is now ready', sources: ['slow'] });
  expect(told).toEqual([expect.stringContaining('slow'), 'slow is back']);
});

test('a source that goes on is not started again and not waited for; its late result is used next', async () => {
  const { source: slow, starts } = gated('slow');
  const registry = registryOf([slow]);
  const first = registry.observe(promoting, {});
  time.elapse(1_000);
  expect(await first).toEqual({});
  expect(await registry.observe(promoting, {})).toEqual({});
  expect(time.waiting).toEqual([]);
  starts[0]?.gate.resolve({ v: 'late' });
  await settled();
  expect(await registry.observe(promoting, {})).toEqual({ slow: { v: 'late' } });
  expect(starts).toHaveLength(1);
  expect(told).toEqual([expect.stringContaining('slow'), 'slow is back']);
  const third = registry.observe(promoting, { slow: { v: 'late' } });
  starts[1]?.gate.resolve({ v: 'fresh' });
  expect(await third).toEqual({ slow: { v: 'fresh' } });
});

test('a late result for one agent is not told to another', async () => {
  const { source: slow, starts } = gated('slow');
  const registry = registryOf([slow]);
  const first = registry.observe(promoting, {});
  time.elapse(1_000);
  await first;
  starts[0]?.gate.resolve({ v: 'for build' });
  await settled();
  const plan = { ...promoting, agent: { name: 'plan', instructions: 'Plan.' } };
  const second = registry.observe(plan, {});
  starts[1]?.gate.resolve({ v: 'for plan' });
  expect(await second).toEqual({ slow: { v: 'for plan' } });
});

test('an observation that failed late is started again', async () => {
  const { source: slow, starts } = gated('slow');
  const registry = registryOf([slow]);
  const first = registry.observe(promoting, {});
  time.elapse(1_000);
  await first;
  starts[0]?.gate.reject(new Error('late'));
  await settled();
  const second = registry.observe(promoting, {});
  starts[1]?.gate.resolve({ v: 'new' });
  expect(await second).toEqual({ slow: { v: 'new' } });
});

test('a stopped turn rejects with its reason at once, whatever hangs, and blames no source', async () => {
  const { source: slow, starts } = gated('slow');
  const registry = registryOf([slow]);
  const stop = new AbortController();
  const reason = new Error('Stop');
  const observed = registry.observe({ ...promoting, signal: stop.signal }, {});
  stop.abort(reason);
  await expect(observed).rejects.toBe(reason);
  expect(starts[0]?.turn.signal.aborted).toBe(true);
  expect(time.waiting).toEqual([]);
  expect(told).toEqual([]);
  await expect(registry.observe({ ...promoting, signal: stop.signal }, {})).rejects.toBe(reason);
  expect(starts).toHaveLength(1);
  const next = registry.observe(promoting, {});
  starts[1]?.gate.resolve({ v: 'next' });
  expect(await next).toEqual({ slow: { v: 'next' } });
});

test('what is sampled at promotions keeps its last value at other boundaries (decision 29)', async () => {
  let observations = 0;
  const sampled = source('s', async () => ({ v: String(++observations) }), { sampledAt: 'promotions' });
  const registry = registryOf([sampled]);
  const between = { ...promoting, promotes: false };
  expect(await registry.observe(between, {})).toEqual({});
  expect(await registry.observe(promoting, {})).toEqual({ s: { v: '1' } });
  expect(await registry.observe(between, { s: { v: '1' } })).toEqual({ s: { v: '1' } });
  expect(await registry.observe(promoting, { s: { v: '1' } })).toEqual({ s: { v: '2' } });
  expect(observations).toBe(2);
});

test('a stored value that no longer decodes is logged, and its source is told anew', () => {
  const registry = registryOf([constant('a', ''), constant('b', '')]);
  const stored = { a: { older: 'form' }, b: { v: '1' } };
  expect(registry.changes(stored, { a: { v: '1' }, b: { v: '1' } })).toEqual({
    text: 'a is now 1',
    sources: ['a'],
  });
  expect(lines).toEqual(['A stored context value does not decode: its source is told anew']);
  expect(registry.changes(stored, { b: { v: '1' } })).toMatchObject({ text: 'a is gone' });
});

test('a stored value that nobody can read is not taken for gone while its source fails', async () => {
  const failing = source('a', () => Promise.reject(new Error('no')));
  const registry = registryOf([failing]);
  const stored = { a: { older: 'form' } };
  const observed = await registry.observe(promoting, stored);
  expect(registry.changes(stored, observed)).toBeUndefined();
  expect(registry.baseline(observed)).toBe('');
});

test('what a newer version stored beside a value is no change', () => {
  const registry = registryOf([constant('a', '')]);
  expect(registry.changes({ a: { newer: true, v: '1' } }, { a: { v: '1' } })).toBeUndefined();
});

test('a source whose value is not what it declares is one that fails', async () => {
  const wrong: ContextSource = { ...constant('a', ''), observe: async () => ({ v: 1 }) };
  expect(await registryOf([wrong]).observe(promoting, { a: { v: 'old' } })).toEqual({ a: { v: 'old' } });
  expect(told).toEqual([expect.stringContaining('"a" gave a value of another form')]);
});
