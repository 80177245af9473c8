import { expect, test, vi } from 'vitest';
import type { Disk } from './disk.ts';
import { type DiskCall, hookedDisk } from './testing/hooked-disk.ts';
import { diskError, MemoryDisk } from './testing/memory-disk.ts';
import { added, eager, freeToys, openToy, type Toy } from './testing/toy-engine.ts';

// Thousands of openings: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

const secret = 'a word between us';
const long = (id: string): string => `${id}: ${secret}, and so on. `.repeat(200);

interface UsedStore {
  readonly disk: MemoryDisk;
  readonly toy: Toy;
}

/** Two owners with rows, bodies and snapshots each; the words of the first lie in every kind of file. */
function used(wrap: (disk: MemoryDisk) => Disk = (disk) => disk): UsedStore {
  const disk = new MemoryDisk();
  const toy = openToy(wrap(disk), { policy: { ...eager, records: 3, bytes: 1e9 } });
  toy.commit(added('ses_a.1', long('a')), added('ses_b.1', 'b'.repeat(5000)));
  toy.upkeep('close');
  toy.commit(added('ses_a.2', secret), added('ses_b.2', 'kept'));
  toy.upkeep('close');
  toy.commit(added('ses_a.3', long('c')));
  const quarantined = disk.create('quarantine/journal-0000000000000001.log.tail.1');
  quarantined.write(Buffer.from(secret), 0);
  return { disk, toy };
}

function whereIs(disk: MemoryDisk, text: string): readonly string[] {
  return [...disk.files].filter(([, bytes]) => bytes.includes(text)).map(([file]) => file);
}

const kept = [
  ['ses_b.1', 'b'.repeat(5000)],
  ['ses_b.2', 'kept'],
];

test('what is erased is in no file any more, and everything else is as it was (decision 13)', () => {
  const { disk, toy } = used();
  expect(whereIs(disk, secret).toSorted()).toEqual([
    'bodies/ses_a.log',
    'journal-0000000000000002.log',
    'journal-0000000000000003.log',
    'quarantine/journal-0000000000000001.log.tail.1',
    'snapshot-0000000000000002.bin',
  ]);
  toy.commit({ type: 'owner.deleted', owner: 'ses_a' });
  toy.engine.erase('ses_a');
  expect(toy.engine.isErasing('ses_a')).toBe(true);
  expect(toy.upkeep()).toBeUndefined();
  expect(toy.engine.isErasing('ses_a')).toBe(false);
  expect(whereIs(disk, secret)).toEqual([]);
  expect(disk.list('bodies')).toEqual(['ses_b.log']);
  expect(disk.list('quarantine')).toEqual([]);
  expect(disk.list('.').filter((name) => name.startsWith('snapshot-'))).toHaveLength(2);
  expect(toy.notes()).toEqual(kept);
  expect(toy.commit(added('ses_b.3', 'more'))).toBe(7);
  const again = openToy(disk);
  expect(again.notices).toEqual([]);
  expect(again.notes()).toEqual([...kept, ['ses_b.3', 'more']]);
  expect(again.engine.isErasing('ses_a')).toBe(false);
});

test('after an erasure either of the two snapshots may be lost', () => {
  const { disk, toy } = used();
  toy.commit({ type: 'owner.deleted', owner: 'ses_a' });
  toy.engine.erase('ses_a');
  toy.upkeep();
  toy.commit(added('ses_b.3', 'more'));
  for (const file of disk.list('.').filter((name) => name.startsWith('snapshot-'))) {
    const { notes, engine } = openToy(disk.copy({ file, bytes: Buffer.from('x') }));
    expect(engine.state).toEqual({ type: 'writable' });
    expect(notes()).toEqual([...kept, ['ses_b.3', 'more']]);
    expect(engine.isErasing('ses_a')).toBe(false);
  }
});

test('a shelf that still has rows is not erased', () => {
  const { disk, toy } = used();
  expect(() => toy.engine.erase('ses_a')).toThrow(expect.objectContaining({ code: 'store.conflict' }));
  expect(toy.upkeep()).toBeUndefined();
  expect(openToy(disk).notes()).toHaveLength(5);
});

test('an owner whose name is no file’s is erased from everywhere else, and no other file is touched', () => {
  const { disk, toy } = used();
  const name = '../bodies/ses_b';
  toy.commit(added(`${name}.1`, `odd ${long('x')}`));
  toy.upkeep('close');
  expect(whereIs(disk, 'odd ').length).toBeGreaterThan(0);
  toy.commit({ type: 'owner.deleted', owner: name });
  toy.engine.erase(name);
  expect(toy.upkeep()).toBeUndefined();
  expect(whereIs(disk, 'odd ')).toEqual([]);
  expect(openToy(disk).notes()).toHaveLength(5);
});

test('several erasures at once, one of them asked for in the middle of another, all come to their end', () => {
  const { disk, toy } = used();
  toy.commit(added('ses_c.1', 'third'.repeat(1000)));
  toy.commit({ type: 'owner.deleted', owner: 'ses_a' });
  toy.engine.erase('ses_a');
  const steps = toy.engine.upkeep('pause');
  for (let count = 0; count < 4; count++) steps?.next();
  toy.commit({ type: 'owner.deleted', owner: 'ses_c' });
  toy.engine.erase('ses_c');
  for (let step = steps?.next(); step?.done !== true; step = steps?.next());
  expect(toy.engine.isErasing('ses_a')).toBe(false);
  expect(toy.engine.isErasing('ses_c')).toBe(true);
  expect(toy.upkeep()).toBeUndefined();
  expect([...whereIs(disk, secret), ...whereIs(disk, 'third')]).toEqual([]);
  expect(openToy(disk).notes()).toEqual(kept);
});

/** The store with its tombstone committed, on a disk that says each of its calls from the erasure on. */
function deleted(hook: (call: DiskCall, count: number) => void): UsedStore & { start(): void } {
  let count = 0;
  let isOn = false;
  const { disk, toy } = used((memory) =>
    hookedDisk(memory, (call) => {
      if (!isOn) return undefined;
      count += 1;
      hook(call, count);
      return undefined;
    }),
  );
  toy.commit({ type: 'owner.deleted', owner: 'ses_a' });
  return {
    disk,
    toy,
    start() {
      isOn = true;
    },
  };
}

class Killed extends Error {}

/** Whether the process was killed on the way, and whether the erasure had been accepted by then. */
function eraseUntilKilled(toy: Toy): { readonly isKilled: boolean; readonly isAccepted: boolean } {
  let isAccepted = false;
  try {
    toy.engine.erase('ses_a');
    isAccepted = true;
    toy.upkeep();
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
    return { isKilled: true, isAccepted };
  }
  return { isKilled: toy.defects.some((defect) => defect instanceof Killed), isAccepted };
}

test('an erasure that is cut off at any call of the disk is finished at the next opening (T1, T6)', () => {
  let ends = 0;
  for (const isHalfDone of [false, true]) {
    for (let at = 1; ; at++) {
      const { disk, toy, start } = deleted((call, count) => {
        if (count < at) return;
        if (isHalfDone && count === at) call.half();
        throw new Killed();
      });
      start();
      const { isKilled, isAccepted } = eraseUntilKilled(toy);
      if (!isKilled) break;
      ends += 1;
      const again = openToy(disk);
      expect([at, again.engine.state]).toEqual([at, { type: 'writable' }]);
      expect(again.notes()).toEqual(kept);
      const isPending = again.engine.isErasing('ses_a');
      expect(again.upkeep()).toBeUndefined();
      if (isAccepted || isPending) expect([at, whereIs(disk, secret)]).toEqual([at, []]);
      expect(openToy(disk).notes()).toEqual(kept);
      freeToys();
    }
  }
  expect(ends).toBeGreaterThan(80);
});

test('an erasure that the disk refuses says so, and is finished later, at whichever call it was', () => {
  for (let at = 1; ; at++) {
    let failures = 0;
    const { disk, toy, start } = deleted((call, count) => {
      if (count !== at) return;
      failures += 1;
      throw diskError('EIO', call.verb);
    });
    start();
    let isAccepted = true;
    try {
      toy.engine.erase('ses_a');
    } catch (error) {
      expect(error).toMatchObject({ code: 'store.unwritable' });
      isAccepted = false;
    }
    toy.upkeep();
    if (failures === 0) break;
    expect(toy.commit(added('ses_b.3', 'more'))).toBe(7);
    if (!isAccepted) toy.engine.erase('ses_a');
    expect([at, toy.upkeep('close')]).toEqual([at, undefined]);
    expect([at, whereIs(disk, secret)]).toEqual([at, []]);
    expect(openToy(disk).notes()).toEqual([...kept, ['ses_b.3', 'more']]);
    freeToys();
  }
});

test('after a failure an erasure is not tried again at every pause', () => {
  const { toy, start } = deleted((call) => {
    if (call.verb === 'rename') throw diskError('EIO', 'rename');
  });
  start();
  toy.engine.erase('ses_a');
  expect(toy.upkeep()).toBe('store.unwritable');
  toy.commit(added('ses_b.3', 'x'));
  expect(toy.engine.upkeep('pause')).toBeUndefined();
  expect(toy.engine.upkeep('idle')).toBeDefined();
});
