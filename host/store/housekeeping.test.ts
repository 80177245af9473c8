import { expect, test } from 'vitest';
import { Housekeeping } from './housekeeping.ts';
import { MemoryDisk } from './testing/memory-disk.ts';
import { added, eager, openToy } from './testing/toy-engine.ts';

test('requests that wait go first: before the upkeep begins, and between any two of its steps', async () => {
  const disk = new MemoryDisk();
  const { engine, commit, notes } = openToy(disk, { policy: eager });
  commit(added('a'));
  const served: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const snapshots = (): number => disk.list('.').filter((name) => name.startsWith('snapshot-')).length;
  const housekeeping = new Housekeeping(engine, {
    // Every other time a request waits, until the snapshot is there.
    serveWaiting() {
      if (snapshots() > 0 && served.length % 2 === 0) resolve();
      served.push(served.length % 2 === 0 ? 'request' : 'step');
      if (served.at(-1) === 'step') return false;
      commit(added(`n${served.length}`));
      return true;
    },
    answer: () => undefined,
  });
  housekeeping.begin('pause');
  expect(served).toEqual([]);
  await promise;
  expect(served.slice(0, 5)).toEqual(['request', 'step', 'request', 'step', 'request']);
  housekeeping.finish('pause');
  expect(openToy(disk).notes()).toEqual(notes());
});

test('an upkeep under way is finished at the end, and nothing is begun after it', () => {
  const disk = new MemoryDisk();
  const { engine, commit } = openToy(disk, { policy: eager });
  commit(added('a'));
  const answers: (readonly [number, string | undefined])[] = [];
  const housekeeping = new Housekeeping(engine, {
    serveWaiting: () => false,
    answer: (id, error) => answers.push([id, error?.code]),
  });
  housekeeping.begin('pause');
  housekeeping.erase(7, 'ses_a');
  housekeeping.finish('pause');
  expect(answers).toEqual([[7, undefined]]);
  commit(added('b'));
  const before = disk.files;
  housekeeping.begin('idle');
  expect(disk.files).toEqual(before);
});

test('who waits for an erasure is told when the store can no longer write', () => {
  let holds = true;
  const { engine } = openToy(new MemoryDisk(), { policy: eager, fence: { holds: () => holds } });
  const answers: (readonly [number, string | undefined])[] = [];
  const housekeeping = new Housekeeping(engine, {
    serveWaiting: () => false,
    answer: (id, error) => answers.push([id, error?.code]),
  });
  housekeeping.erase(7, 'ses_a');
  holds = false;
  housekeeping.finish('pause');
  expect(answers).toEqual([[7, 'store.other-owner']]);
});
