import { expect, test } from 'vitest';
import { clockJumps } from './clock-jumps.ts';
import { fullDisk } from './full-disk.ts';
import { hostKills } from './host-kills.ts';
import { killLoop } from './kill-loop.ts';
import { liveCopies } from './live-copies.ts';
import { openKills } from './open-kills.ts';
import type { Outcome, Scenario } from './scenario.ts';
import { soak } from './soak.ts';
import { stoppedOwner } from './stopped-owner.ts';
import { twoWindows } from './two-windows.ts';

// The tests of durability with real processes and a real disk, at a share of the length of `npm run test:faults`.

const limit = { timeout: 240_000 };

async function check(scenario: Scenario, share: number): Promise<Outcome> {
  const outcome = await scenario.run({ share, seed: 1 });
  expect(outcome.failures).toEqual([]);
  return outcome;
}

test(
  'a process killed at any moment loses nothing that it had been told is kept, and the next opening mends it (RT-01, R14)',
  limit,
  async () => {
    const { counts } = await check(killLoop, 0.004);
    expect(counts['kills']).toBeGreaterThanOrEqual(8);
    expect(counts['named points reached']).toBeGreaterThan(0);
  },
);

test(
  'a host killed in the middle of a prompt keeps it, asks the model for no turn twice, and goes on when it is told to (RT-01, RT-12)',
  limit,
  async () => {
    const { counts } = await check(hostKills, 0.004);
    expect(counts['points reached']).toBeGreaterThanOrEqual(4);
  },
);

test('an opening that ends at whichever of its calls can be done again', limit, async () => {
  const { counts } = await check(openKills, 0.01);
  expect(counts['kills in memory']).toBeGreaterThan(30);
  expect(counts['processes killed']).toBeGreaterThan(0);
});

test('an owner that stood still in the middle of a step changes nothing when it wakes', limit, async () => {
  const { counts } = await check(stoppedOwner, 0.01);
  expect(counts['owners stopped and woken']).toBeGreaterThan(0);
});

test('windows that take the folder from one another never own it two at a time', limit, async () => {
  const { counts } = await check(twoWindows, 0.005);
  expect(counts).toMatchObject({ 'double owners': 0 });
  expect(counts['openings in the race']).toBeGreaterThanOrEqual(12);
});

test('order is that of the journal, whatever the clock says', limit, async () => {
  await check(clockJumps, 1);
});

test('a folder copied while it is written to opens whole, or says what is missing', limit, async () => {
  const { counts } = await check(liveCopies, 0.015);
  expect(counts['copies that are whole']).toBeGreaterThan(0);
});

test('a full disk refuses what does not fit, and keeps what did (R10, R12)', limit, async ({ skip }) => {
  const { counts, skipped } = await check(fullDisk, 0.01);
  expect(counts['refused in memory']).toBeGreaterThan(50);
  if (skipped !== undefined) skip(`The real disk is left out: ${skipped}.`);
  expect(counts['refused by the real disk']).toBeGreaterThan(0);
});

test('what a store holds open does not grow with what it did', limit, async () => {
  const { counts } = await check(soak, 0.003);
  expect(counts['commits']).toBeGreaterThan(500);
});
