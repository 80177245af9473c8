import { expect, test } from 'vitest';
import { hookedDisk } from './testing/hooked-disk.ts';
import { MemoryDisk } from './testing/memory-disk.ts';
import { added, eager, openToy, type Toy } from './testing/toy-engine.ts';

const bootID = 'this start of the machine';

/** One note in a snapshot, one in the journal behind it. */
function usedDisk(): MemoryDisk {
  const disk = new MemoryDisk();
  const toy = openToy(disk, { policy: eager, bootID });
  toy.commit(added('a'));
  toy.upkeep();
  toy.commit(added('b'));
  return disk;
}

class Crash extends Error {}

/** An opening that ends its process while it replays the journal. */
function openAndCrash(disk: MemoryDisk, boot = bootID): void {
  const crashing = hookedDisk(disk, ({ verb, file }) => {
    if (verb === 'read' && file.startsWith('journal-')) throw new Crash();
    return undefined;
  });
  expect(() => openToy(crashing, { bootID: boot })).toThrow(Crash);
}

function ids({ notes }: Toy): readonly string[] {
  return notes().map(([id]) => id);
}

test('after two openings that ended the process, the third stops at the newest snapshot and says so; the next one tries again (R13)', () => {
  const disk = usedDisk();
  openAndCrash(disk);
  openAndCrash(disk);
  const third = openToy(disk, { bootID });
  expect(third.engine.state).toEqual({ type: 'read-only', code: 'store.crashed', data: {} });
  expect(third.notices.map(({ code }) => code)).toEqual(['store.crashed']);
  expect(ids(third)).toEqual(['a']);
  expect(third.commit(added('c'))).toBe('store.crashed');
  openAndCrash(disk);
  expect(openToy(disk, { bootID }).engine.state).toMatchObject({ code: 'store.crashed' });
  const mended = openToy(disk, { bootID });
  expect(mended.engine.state).toEqual({ type: 'writable' });
  expect(ids(mended)).toEqual(['a', 'b']);
  expect(disk.list('.').filter((name) => name.startsWith('opening-'))).toEqual([]);
});

test('one opening that ended the process is made up for by one that did not', () => {
  const disk = usedDisk();
  for (let round = 0; round < 3; round++) {
    openAndCrash(disk);
    expect(ids(openToy(disk, { bootID }))).toEqual(['a', 'b']);
  }
});

test('an owner that is killed while its store is open, and one that a power cut ended, are not counted', () => {
  const disk = usedDisk();
  for (let round = 0; round < 4; round++)
    expect(openToy(disk, { bootID }).engine.state).toEqual({ type: 'writable' });
  openAndCrash(disk);
  openAndCrash(disk);
  const next = openToy(disk, { bootID: 'after the power came back' });
  expect(next.engine.state).toEqual({ type: 'writable' });
  expect(ids(next)).toEqual(['a', 'b']);
  expect(disk.list('.').filter((name) => name.startsWith('opening-'))).toEqual([]);
});

test('a folder that cannot be written is opened all the same, however often', () => {
  const disk = usedDisk();
  const sealed = hookedDisk(disk, ({ verb }) => {
    if (verb !== 'list' && verb !== 'read')
      throw Object.assign(new Error('EROFS'), { code: 'EROFS', syscall: verb });
    return undefined;
  });
  for (let round = 0; round < 4; round++) expect(ids(openToy(sealed, { bootID }))).toEqual(['a', 'b']);
});
