import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Log } from '../ports/log.ts';
import { createContextRegistry } from './context-registry.ts';
import type { ContextSource, ContextTurn } from './context-source.ts';

const turn: ContextTurn = {
  agent: { name: 'build', instructions: 'Build.' },
  signal: new AbortController().signal,
};
const lines: string[] = [];
const log: Log = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (message) => void lines.push(message),
};

function source(key: string, observe: () => Promise<{ v: string } | undefined>): ContextSource {
  return {
    key,
    observe,
    baseline: (value) => `${key}=${value['v']}`,
    update: (value) => (value ? `${key} is now ${value['v']}` : `${key} is gone`),
  };
}

test('the baseline is the same whatever order the sources finish in (RT-13)', async () => {
  const run = async (finish: readonly number[]) => {
    const gates = [0, 1, 2].map(() => Promise.withResolvers<{ v: string }>());
    const registry = createContextRegistry(
      gates.map((gate, index) => source(`s${index}`, () => gate.promise)),
      log,
    );
    const observed = registry.observe(turn, {});
    for (const index of finish) {
      gates[index]?.resolve({ v: String(index) });
      await Promise.resolve();
    }
    return registry.baseline(await observed);
  };
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), async (order) => {
      expect(await run(order)).toBe('s0=0\n\ns1=1\n\ns2=2');
    }),
    { numRuns: 12 },
  );
});

test('changes are told together, once, and nothing is told when nothing changed (RT-08)', async () => {
  const registry = createContextRegistry(
    ['a', 'b', 'c'].map((key) => source(key, async () => undefined)),
    log,
  );
  const before = { a: { v: '1' }, b: { v: '1' }, c: { v: '1' } };
  expect(registry.changes(before, { a: { v: '2' }, b: { v: '1' } })).toEqual({
    text: 'a is now 2\n\nc is gone',
    sources: ['a', 'c'],
  });
  expect(registry.changes(before, structuredClone(before))).toBeUndefined();
});

test('a source that fails keeps its last value and is logged', async () => {
  const registry = createContextRegistry(
    [source('a', () => Promise.reject(new Error('no'))), source('b', async () => ({ v: 'new' }))],
    log,
  );
  expect(await registry.observe(turn, { a: { v: 'old' }, b: { v: 'old' } })).toEqual({
    a: { v: 'old' },
    b: { v: 'new' },
  });
  expect(lines).toEqual(['A context source failed']);
});
