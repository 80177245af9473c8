import { expect, test, vi } from 'vitest';
import { faultyDisk } from './testing/faulty-disk.ts';
import { type DiskCall, hookedDisk, type Verb } from './testing/hooked-disk.ts';
import { diskError, MemoryDisk } from './testing/memory-disk.ts';
import { added, eager, freeToys, openToy, type Toy } from './testing/toy-engine.ts';

// Thousands of openings: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

const long = (id: string): string => `the body of ${id}, `.repeat(300);

function ids({ notes }: Toy): readonly string[] {
  const found = notes();
  for (const [id, text] of found) expect(text).toBe(id.length === 1 ? long(id) : `text of ${id}`);
  return found.map(([id]) => id);
}

test('the first snapshot leaves the whole journal, which stands in for it', () => {
  const disk = new MemoryDisk();
  const toy = openToy(disk, { policy: eager });
  toy.commit(added('a', long('a')));
  toy.upkeep();
  const without = new MemoryDisk(new Map([...disk.files].filter(([file]) => !file.startsWith('snapshot-'))));
  expect(ids(openToy(without))).toEqual(['a']);
});

/** A store in use, with something for a snapshot to do, on a disk that says each of its calls. */
function inUse(hook: (call: DiskCall, count: number) => void): {
  readonly disk: MemoryDisk;
  readonly toy: Toy;
  start(): void;
} {
  const disk = new MemoryDisk();
  let count = 0;
  let isOn = false;
  const hooked = hookedDisk(disk, (call) => {
    if (!isOn) return undefined;
    count += 1;
    hook(call, count);
    return undefined;
  });
  const toy = openToy(hooked, { policy: eager });
  for (const id of ['a', 'b']) {
    toy.commit(added(id, long(id)));
    toy.upkeep();
  }
  toy.commit(added('c', long('c')));
  toy.engine.mark();
  return {
    disk,
    toy,
    start() {
      isOn = true;
    },
  };
}

test('whichever call of the disk fails in a snapshot: the store stays writable, nothing is lost, it is said once and tried again (T12)', () => {
  for (const code of ['EIO', 'ENOSPC']) {
    for (let at = 1; ; at++) {
      let failed: DiskCall | undefined;
      const { disk, toy, start } = inUse((call, count) => {
        // R11: a handle whose sync failed is never written to again.
        if (failed?.verb === 'sync' && failed.file.startsWith('journal-') && call.verb === 'write')
          expect([at, call.file]).not.toEqual([at, failed.file]);
        if (count !== at) return;
        failed = call;
        call.half();
        throw diskError(code, call.verb);
      });
      start();
      const failure = toy.upkeep();
      if (failed === undefined) {
        expect(at).toBeGreaterThan(25);
        break;
      }
      expect([at, toy.engine.state]).toEqual([at, { type: 'writable' }]);
      expect(toy.notices.map((notice) => notice.code)).toEqual(
        failure === undefined ? [] : ['store.snapshot'],
      );
      expect([at, ids(openToy(disk.copy()))]).toEqual([at, ['a', 'b', 'c']]);
      expect(toy.commit(added('d', long('d')))).toBe(4);
      expect([at, ids(openToy(disk.copy()))]).toEqual([at, ['a', 'b', 'c', 'd']]);
      expect(toy.upkeep('close')).toBeUndefined();
      const again = openToy(disk);
      expect(ids(again)).toEqual(['a', 'b', 'c', 'd']);
      expect([at, again.notices]).toEqual([at, []]);
      freeToys();
    }
  }
});

const changing: readonly Verb[] = [
  'create',
  'write',
  'sync',
  'append',
  'rename',
  'remove',
  'truncate',
  'sync-folder',
];

test.each([
  ['everything but reading', changing],
  ['names and cuts', ['rename', 'remove', 'truncate', 'sync-folder'] as const],
])(
  'a disk that fails at %s for a while, from any call of a snapshot on, loses nothing that was acknowledged',
  (_, verbs) => {
    for (let at = 1; at <= 40; at++) {
      let isBroken = true;
      const { disk, toy, start } = inUse((call, count) => {
        if (isBroken && count >= at && verbs.includes(call.verb)) throw diskError('EIO', call.verb);
      });
      start();
      toy.upkeep();
      const kept = ['a', 'b', 'c'];
      const commit = (id: string): void => {
        if (typeof toy.commit(added(id, long(id))) === 'number') kept.push(id);
      };
      commit('d');
      // What was refused is cut off once the disk lets it.
      expect([at, ids(openToy(disk.copy())).slice(0, kept.length)]).toEqual([at, kept]);
      isBroken = false;
      commit('e');
      expect(kept.at(-1)).toBe('e');
      expect([at, ids(openToy(disk.copy()))]).toEqual([at, kept]);
      expect(toy.upkeep('close')).toBeUndefined();
      expect(ids(openToy(disk))).toEqual(kept);
      freeToys();
    }
  },
);

test('a snapshot that does not read back is none: the files that it would stand in for stay', () => {
  const { disk, toy } = inUse(() => undefined);
  const before = disk.list('.').filter((name) => name.startsWith('snapshot-'));
  const forgetful = hookedDisk(disk, ({ verb, file }) =>
    verb === 'write' && file.startsWith('snapshot-') ? 'skip' : undefined,
  );
  toy.engine.close();
  const next = openToy(forgetful, { policy: eager });
  expect(next.upkeep()).toBe('store.unwritable');
  expect(disk.list('.').filter((name) => name.startsWith('snapshot-'))).toEqual(before);
  expect(next.notices.map(({ code }) => code)).toEqual(['store.snapshot']);
  expect(ids(openToy(disk))).toEqual(['a', 'b', 'c']);
});

class Killed extends Error {}

/** Whether the process was killed on the way. */
function isKilledIn(toy: Toy): boolean {
  try {
    toy.upkeep();
    return toy.defects.some((defect) => defect instanceof Killed);
  } catch (error) {
    if (error instanceof Killed) return true;
    throw error;
  }
}

test('a process killed at any call of a snapshot, or half-way in it, loses nothing and leaves nothing to mend (T1)', () => {
  for (const isHalfDone of [false, true]) {
    for (let at = 1; ; at++) {
      const { disk, toy, start } = inUse((call, count) => {
        if (count < at) return;
        if (isHalfDone && count === at) call.half();
        throw new Killed();
      });
      start();
      if (!isKilledIn(toy)) break;
      const again = openToy(disk, { policy: eager });
      expect([at, again.engine.state, again.notices]).toEqual([at, { type: 'writable' }, []]);
      expect(ids(again)).toEqual(['a', 'b', 'c']);
      again.commit(added('d', long('d')));
      expect(again.upkeep()).toBeUndefined();
      expect(ids(openToy(disk))).toEqual(['a', 'b', 'c', 'd']);
      freeToys();
    }
  }
});

test('a snapshot that keeps failing is said once, and tried again after twice as much each time', () => {
  const disk = new MemoryDisk();
  const policy = { ...eager, bytes: 1_000_000, records: 4 };
  const faulty = faultyDisk(disk, { kind: 'rename', at: 1, code: 'EIO', isSticky: true });
  const toy = openToy(faulty, { policy });
  const attempts: number[] = [];
  for (let count = 1; count <= 40; count++) {
    toy.commit(added(`n${count}`));
    if (toy.engine.upkeep('pause') === undefined) continue;
    expect(toy.upkeep()).toBe('store.unwritable');
    attempts.push(count);
  }
  expect(attempts).toEqual([5, 9, 17, 33]);
  expect(toy.notices).toHaveLength(1);
  expect(disk.list('.').filter((name) => name.endsWith('.tmp'))).toEqual([]);
  faulty.mend();
  expect(toy.upkeep('close')).toBeUndefined();
  expect(disk.list('.').filter((name) => name.startsWith('snapshot-'))).toHaveLength(1);
});

test('commits between the steps of a snapshot are in it or behind it', () => {
  const disk = new MemoryDisk();
  const toy = openToy(disk, { policy: eager });
  const expected: string[] = [];
  const commit = (): void => {
    const id = `n${expected.length}`;
    expected.push(id);
    expect(toy.commit(added(id, `${id} `.repeat(2000)))).toBe(expected.length);
  };
  for (let round = 0; round < 4; round++) {
    commit();
    const steps = toy.engine.upkeep('pause');
    for (let step = steps?.next(); step?.done !== true; step = steps?.next()) commit();
    expect(
      openToy(disk.copy())
        .notes()
        .map(([id]) => id),
    ).toEqual(expected);
  }
  expect(openToy(disk).notices).toEqual([]);
});

test('the journal goes on right behind a snapshot, whatever was committed while its bodies moved', () => {
  const disk = new MemoryDisk();
  const toy = openToy(disk, { policy: eager });
  for (const id of ['a', 'b', 'c']) toy.commit(added(id, id.repeat(3_000_000)));
  const steps = toy.engine.upkeep('pause');
  expect(steps?.next().done).toBe(false);
  expect(disk.list('.')).toEqual(['journal-0000000000000001.log', 'journal-0000000000000004.log']);
  toy.commit(added('d'));
  for (let step = steps?.next(); step?.done !== true; step = steps?.next());
  expect(disk.list('.').slice(2)).toEqual(['journal-0000000000000005.log', 'snapshot-0000000000000004.bin']);
  // So damage of what the snapshot holds is nobody's loss.
  const file = 'journal-0000000000000004.log';
  const { engine, notes } = openToy(disk.copy({ file, bytes: Buffer.alloc(500, 1) }));
  expect(engine.state).toEqual({ type: 'writable' });
  expect(notes().map(([id]) => id)).toEqual(['a', 'b', 'c', 'd']);
});

test('a snapshot given up between two steps leaves nothing behind', () => {
  const disk = new MemoryDisk();
  const toy = openToy(disk, { policy: eager });
  toy.commit(added('a', long('a')));
  const steps = toy.engine.upkeep('pause');
  // Up to the middle of reading it back.
  for (let count = 0; count < 3; count++) expect(steps?.next().done).toBe(false);
  steps?.return(undefined);
  expect(disk.list('.').filter((name) => /snapshot/.test(name))).toEqual([]);
});

test('an owner that was overruled in the middle of a snapshot brings none into the folder', () => {
  for (let taken = 0; taken < 3; taken++) {
    const disk = new MemoryDisk();
    let holds = true;
    const toy = openToy(disk, { policy: eager, fence: { holds: () => holds } });
    toy.commit(added('a', long('a')));
    const steps = toy.engine.upkeep('pause');
    for (let count = 0; count < taken; count++) expect(steps?.next().done).toBe(false);
    holds = false;
    for (let step = steps?.next(); step?.done !== true; step = steps?.next());
    expect(toy.engine.state).toMatchObject({ code: 'store.other-owner' });
    // Nor bytes of what the new owner may have erased.
    expect(disk.list('.').filter((name) => name.startsWith('snapshot-'))).toEqual([]);
  }
});

test('an overruled owner that wakes up in a snapshot writes over nothing of its successor’s', () => {
  const disk = new MemoryDisk();
  let next: Toy | undefined;
  let isStopped = false;
  const hooked = hookedDisk(disk, ({ verb }) => {
    // Stopped right before it adds to the shelf; another owner does so meanwhile.
    if (verb === 'append' && isStopped && next === undefined) {
      next = openToy(disk, { policy: eager });
      next.commit(added('b', long('b')));
      next.upkeep();
    }
    return undefined;
  });
  const old = openToy(hooked, { policy: eager, fence: { holds: () => next === undefined } });
  old.commit(added('a', long('a')));
  isStopped = true;
  expect(old.upkeep()).toBe('store.other-owner');
  expect(ids(openToy(disk.copy()))).toEqual(['a', 'b']);
  next?.commit(added('c', long('c')));
  next?.upkeep();
  expect(ids(openToy(disk))).toEqual(['a', 'b', 'c']);
});

test('what an overruled owner can no longer read it calls another owner’s, not damaged', () => {
  const disk = new MemoryDisk();
  let holds = true;
  const old = openToy(disk, { fence: { holds: () => holds } });
  old.commit(added('a', long('a')));
  holds = false;
  expect(old.commit(added('x'))).toBe('store.outcome-unknown');
  const next = openToy(disk, { policy: eager });
  for (const id of ['b', 'c', 'd']) {
    next.commit(added(id));
    next.upkeep();
  }
  expect(() => old.engine.read('note.get', { id: 'a' })).toThrow(/Another window/);
});
