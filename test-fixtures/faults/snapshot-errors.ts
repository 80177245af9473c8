import { hasty } from '#host/store/testing/hasty.ts';
import { changingVerbs, hookedDisk } from '#host/store/testing/hooked-disk.ts';
import { holdingsOf, snapshotsOf } from '#host/store/testing/lives.ts';
import { diskError, MemoryDisk } from '#host/store/testing/memory-disk.ts';
import { Violation } from '#host/store/testing/oracle.ts';
import { added, freeToys, openToy } from '#host/store/testing/toy-engine.ts';
import { type Scenario, Tally } from './scenario.ts';

/** T12: each call of the disk fails while a snapshot is made: the ones before it stay, and nothing that counts is lost. */
export const snapshotErrors: Scenario = {
  name: 'T12 errors in a snapshot',
  async run() {
    const tally = new Tally();
    for (const isSticky of [false, true]) {
      let isOver = false;
      for (let at = 1; !isOver && at < 5000; at++) {
        await tally.try(`call ${at}${isSticky ? ' and all later ones' : ''}`, () => {
          isOver = failAt(at, isSticky);
          if (!isOver) tally.count('snapshots that failed');
        });
        freeToys();
      }
    }
    return tally.outcome();
  },
};

/** @returns whether the snapshot needed no such call. */
function failAt(at: number, isSticky: boolean): boolean {
  const disk = new MemoryDisk();
  let calls: number | undefined;
  let failures = 0;
  const failing = hookedDisk(disk, ({ verb, half }) => {
    if (calls === undefined || (!changingVerbs.has(verb) && verb !== 'read')) return undefined;
    calls += 1;
    if (calls !== at && !(isSticky && calls > at)) return undefined;
    failures += 1;
    half();
    throw diskError('EIO', verb);
  });
  const toy = openToy(failing, { policy: hasty });
  const commit = (count: number): void => {
    const seq = toy.commit(added(`own1.n${count}`, `own1.n${count} `.repeat(count % 3 === 0 ? 400 : 9)));
    if (typeof seq !== 'number') throw new Violation(`a commit is refused: ${seq}`);
  };
  for (let count = 1; count <= 24; count++) {
    commit(count);
    if (count % 8 === 0 && count < 24) toy.upkeep('idle');
  }
  const before = holdingsOf(toy);
  const snapshots = snapshotsOf(disk);
  calls = 0;
  const code = toy.upkeep('idle');
  calls = undefined;
  if (failures === 0) return true;
  const kept = snapshotsOf(disk);
  if (code !== undefined && !kept.some((name) => snapshots.includes(name)))
    throw new Violation('the snapshots from before are gone, and the new one failed');
  verify(disk, JSON.stringify(before));
  // The disk is well again: everything goes on, and the next snapshot works.
  for (let count = 25; count <= 40; count++) commit(count);
  if (toy.upkeep('idle') !== undefined) throw new Violation('the next snapshot fails as well');
  verify(disk, JSON.stringify(holdingsOf(toy)));
  return false;
}

function verify(disk: MemoryDisk, expected: string): void {
  const copy = disk.copy();
  for (const when of ['once', 'twice']) {
    const toy = openToy(copy);
    if (toy.engine.state.type !== 'writable') throw new Violation(`opened ${when}: ${toy.engine.state.code}`);
    if (toy.notices.length > 0) throw new Violation(`opened ${when}: ${toy.notices[0]?.code}`);
    if (JSON.stringify(holdingsOf(toy)) !== expected) throw new Violation(`opened ${when}: something else`);
  }
}
