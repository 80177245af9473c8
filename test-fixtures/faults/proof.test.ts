import { expect, test } from 'vitest';
import { scenarios } from './all.ts';
import { type FaultRun, proofText, type Result, whyNoProof } from './proof.ts';

const good: Result = { name: 'T1 kill loop', seconds: 12.4, counts: { kills: 2000 }, failures: [] };

const full: FaultRun = {
  seed: 7,
  share: 1,
  isPartial: false,
  commit: 'abc',
  isClean: true,
  started: new Date(0),
  ended: new Date(1000),
  machine: 'a machine',
  results: [good],
};

test('only a full run in which nothing failed and nothing was left out is a proof', () => {
  expect(whyNoProof(full)).toBeUndefined();
  expect(whyNoProof({ ...full, share: 0.5 })).toBe('it is not a full run');
  expect(whyNoProof({ ...full, isPartial: true })).toBe('it is not a full run');
  expect(whyNoProof({ ...full, results: [good, { ...good, failures: ['lost'] }] })).toBe(
    'it failed: T1 kill loop',
  );
  expect(whyNoProof({ ...full, results: [{ ...good, skipped: 'no root' }] })).toContain('left something out');
  expect(whyNoProof({ ...full, results: [] })).toBe('nothing was run');
});

test('the proof names seed, commit, tree, times, machine and every count', () => {
  const text = proofText(full);
  for (const fact of [
    'seed      7',
    'abc, clean tree',
    '1970-01-01T00:00:00.000Z',
    '1970-01-01T00:00:01.000Z',
    'a machine',
  ])
    expect(text).toContain(fact);
  expect(text).toMatch(/T1 kill loop \(12 s\): nothing found wrong\n +2000 {2}kills/);
  expect(proofText({ ...full, isClean: false })).toContain('with changes that are not committed');
});

test('every test of the list is in the run, once', () => {
  const names = scenarios.map(({ name }) => name.split(' ')[0]);
  for (let number = 1; number <= 14; number++) expect(names).toContain(`T${number}`);
  expect(names).toContain('Figure');
  expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
});
