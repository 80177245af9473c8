import { hasty } from './hasty.ts';
import { holdingsOf } from './lives.ts';
import { MemoryDisk } from './memory-disk.ts';
import type { Holdings } from './oracle.ts';
import { added, freeToys, openToy } from './toy-engine.ts';

/**
 * A folder that has been in use: three owners, snapshots, shelves with bodies, an erased owner, and records behind the
 * newest snapshot. `closed` ends with the mark of a clean end, `killed` without it, `torn` in the middle of a write.
 */
export function agedDisk(end: 'closed' | 'killed' | 'torn'): {
  readonly disk: MemoryDisk;
  readonly whole: Holdings;
} {
  const disk = new MemoryDisk();
  for (const owner of [1, 2, 3]) live(disk, owner, end);
  const whole = holdingsOf(openToy(disk.copy()));
  const settled = end === 'torn' ? tornIn(disk) : disk.copy();
  freeToys();
  return { disk: settled, whole };
}

function live(disk: MemoryDisk, owner: number, end: string): void {
  const toy = openToy(disk, { policy: hasty });
  const commit = (id: string, length: number): void => {
    toy.commit(added(id, `${id} `.repeat(length)));
  };
  for (let count = 0; count < 5; count++) {
    commit(`own${owner}.n${count}`, count === 2 ? 450 : 12);
    commit(`old.n${owner}${count}`, count === 3 ? 400 : 4);
  }
  if (owner < 3) toy.upkeep('idle');
  if (owner === 2) {
    toy.commit({ type: 'owner.deleted', owner: 'old' });
    toy.engine.erase('old');
    toy.upkeep('idle');
  }
  if (owner < 3 || end === 'closed') toy.engine.close();
}

/** The segment that is written to. */
export function lastSegment(disk: MemoryDisk): string {
  return disk.list('.').findLast((name) => name.startsWith('journal-')) ?? '';
}

/** A write was under way when the process ended. */
function tornIn(disk: MemoryDisk): MemoryDisk {
  const toy = openToy(disk);
  toy.commit(added('own3.n9', 'never acknowledged '.repeat(40)));
  const file = lastSegment(disk);
  const bytes = Buffer.from(disk.read(file));
  return disk.copy({ file, bytes: bytes.subarray(0, bytes.lastIndexOf('}') - 60) });
}
