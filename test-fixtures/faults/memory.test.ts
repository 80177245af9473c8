import { expect, test, vi } from 'vitest';
import { bitFlips } from './bit-flips.ts';
import { failingCalls } from './failing-calls.ts';
import { longReplay } from './long-replay.ts';
import { mutantHunt } from './mutant-hunt.ts';
import { powerCuts } from './power-cuts.ts';
import type { Scenario } from './scenario.ts';
import { snapshotErrors } from './snapshot-errors.ts';
import { truncations } from './truncations.ts';

// The tests of durability that need no process of their own, at a share of the length of `npm run test:faults`.

// Thousands of openings: a busy machine may take its time.
vi.setConfig({ testTimeout: 120_000 });

async function check(scenario: Scenario, share: number): Promise<Readonly<Record<string, number>>> {
  const { counts, failures } = await scenario.run({ share, seed: 1 });
  expect(failures).toEqual([]);
  return counts;
}

test('no power cut or kill, at whatever call, loses or alters what was acknowledged, brings back what was erased, or raises a false alarm (RT-01)', async () => {
  const counts = await check(powerCuts, 0.015);
  expect(counts['images']).toBeGreaterThanOrEqual(300);
  for (const what of ['torn', 'kills', 'snapshots', 'erasures', 'rebuilds'])
    expect(counts[what]).toBeGreaterThan(10);
});

test('each of the stores that forget one duty is found out by the tests that the store passes', async () => {
  const counts = await check(mutantHunt, 1);
  expect(counts['mutants']).toBeGreaterThanOrEqual(8);
  expect(counts['found out']).toBe(counts['mutants']);
});

test('a file cut at any byte loses nothing that was whole before the cut, and a cut snapshot nothing at all (R2, R4, R14)', async () => {
  const counts = await check(truncations, 0.003);
  for (const what of ['journal cuts', 'snapshot cuts', 'shelf cuts'])
    expect(counts[what]).toBeGreaterThan(50);
});

test('a flip of any bit never gives wrong data, and loss of what was acknowledged is always reported (R2, R5)', async () => {
  const counts = await check(bitFlips, 0.006);
  for (const what of ['mended', 'loss reported', 'untouched']) expect(counts[what]).toBeGreaterThan(20);
});

test('whichever call of the disk fails, once or for good: what is acknowledged stays, and what is refused does not come back (R10 to R12)', async () => {
  const counts = await check(failingCalls, 0.05);
  expect(counts['runs with a failure']).toBeGreaterThan(60);
  expect(counts['read-only at the end']).toBeGreaterThan(5);
});

test('a snapshot that fails, at whatever call, leaves the ones before it and all that they hold', async () => {
  const counts = await check(snapshotErrors, 1);
  expect(counts['snapshots that failed']).toBeGreaterThan(30);
});

test('ten thousand records of two versions are replayed, and one of a newer version is neither skipped nor touched (R9)', async () => {
  const counts = await check(longReplay, 1);
  expect(counts).toMatchObject({ 'records replayed': 10_000, 'skewed journals': 4 });
});
