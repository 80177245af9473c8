import { expect, test } from 'vitest';
import { Backlog, snapshotPolicy } from './snapshot-policy.ts';

const MB = 1024 * 1024;
const none = { bytes: 0, records: 0 };

test('a snapshot is due after 8 MB, after a quarter of the last one, or after 10 000 records, whichever comes first', () => {
  const check = (lastSnapshot: number, bytes: number, records: number): boolean =>
    new Backlog(snapshotPolicy, { grown: { bytes, records }, lastSnapshot }).isDue('pause');
  expect(check(0, 8 * MB, 9999)).toBe(false);
  expect(check(0, 8 * MB + 1, 1)).toBe(true);
  expect(check(80 * MB, 19 * MB, 1)).toBe(false);
  expect(check(80 * MB, 21 * MB, 1)).toBe(true);
  expect(check(80 * MB, 1, 10_001)).toBe(true);
});

test('when nothing goes on, or at the end, less is enough, and nothing is not', () => {
  const backlog = new Backlog(snapshotPolicy, { grown: none, lastSnapshot: 0 });
  expect([backlog.isDue('idle'), backlog.isDue('close')]).toEqual([false, false]);
  backlog.grow({ bytes: 256 * 1024, records: 1 });
  expect([backlog.isDue('pause'), backlog.isDue('idle'), backlog.isDue('close')]).toEqual([
    false,
    true,
    true,
  ]);
});

test('what came while a snapshot was made counts for the next one', () => {
  const backlog = new Backlog(snapshotPolicy, { grown: { bytes: 9 * MB, records: 5 }, lastSnapshot: 0 });
  const held = backlog.grown;
  backlog.grow({ bytes: MB, records: 2 });
  backlog.succeeded({ held, size: 4 * MB });
  expect(backlog.grown).toEqual({ bytes: MB, records: 2 });
});

test('each failure doubles what has to come before the next attempt, but at the end it is tried', () => {
  const backlog = new Backlog(snapshotPolicy, { grown: { bytes: 9 * MB, records: 1 }, lastSnapshot: 0 });
  backlog.failed();
  expect([backlog.isDue('pause'), backlog.isDue('close')]).toEqual([false, true]);
  backlog.grow({ bytes: 8 * MB, records: 0 });
  expect(backlog.isDue('pause')).toBe(true);
  backlog.failed();
  expect(backlog.isDue('pause')).toBe(false);
  backlog.succeeded({ held: none, size: MB });
  expect(backlog.isDue('pause')).toBe(true);
});
