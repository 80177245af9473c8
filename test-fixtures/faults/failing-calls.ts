import type { Disk } from '#host/store/disk.ts';
import { type Fault, type FaultKind, faultyDisk } from '#host/store/testing/faulty-disk.ts';
import { hasty } from '#host/store/testing/hasty.ts';
import { holdingsOf, type Spoil } from '#host/store/testing/lives.ts';
import { MemoryDisk } from '#host/store/testing/memory-disk.ts';
import { Oracle, type Step, Violation } from '#host/store/testing/oracle.ts';
import { freeToys, openToy, type Toy } from '#host/store/testing/toy-engine.ts';
import { type RunOptions, type Scenario, Tally } from './scenario.ts';

const kinds: readonly FaultKind[] = [
  'write',
  'sync',
  'create',
  'rename',
  'remove',
  'truncate',
  'folder',
  'list',
  'read',
];
const codes = ['EIO', 'ENOSPC', 'EDQUOT', 'EROFS', 'EMFILE', 'EPERM'] as const;

/**
 * T5: the first call of a kind fails, then the second, and so on until a run needs no more of them: while a folder is
 * opened and mended, while it is written to, while snapshots are made and an owner is erased.
 */
export const failingCalls: Scenario = {
  name: 'T5 failing calls',
  async run(options) {
    const tally = new Tally();
    const used = usedFolder();
    for (const kind of kinds) {
      for (const isSticky of [false, true]) {
        // Records that were written and not synced come back where nobody cuts them: that shows at few calls.
        const stride = options.share === 1 || (kind === 'sync' && isSticky) ? 1 : 6;
        for (const code of codesOf(kind, options))
          await failEach({ kind, code, isSticky }, used, { tally, stride });
      }
    }
    return tally.outcome();
  },
};

/** A short run takes another error for each kind of call; a full one takes all for each. */
function codesOf(kind: FaultKind, { share, seed }: RunOptions): readonly string[] {
  if (share === 1) return codes;
  return [codes[(kinds.indexOf(kind) + seed) % codes.length] ?? 'EIO'];
}

/** Every `stride`th call of the kind, until none of them is reached any more. */
export async function failEach(
  fault: Omit<Fault, 'at'>,
  used: UsedFolder,
  { tally, stride, spoil = (disk) => disk }: FailOptions,
): Promise<void> {
  let hasFailed = true;
  for (let at = 1; hasFailed && at < 2000; at += stride) {
    await tally.try(JSON.stringify({ ...fault, at }), () => {
      const disk = used.disk.copy();
      const faulty = faultyDisk(spoil(disk), { ...fault, at });
      const oracle = used.oracle.copy();
      workOn(faulty, oracle, tally);
      hasFailed = faulty.failed > 0;
      if (!hasFailed) return;
      tally.count('runs with a failure');
      tally.count('calls that failed', faulty.failed);
      reopen(disk, oracle);
    });
    freeToys();
  }
}

export interface FailOptions {
  readonly tally: Tally;
  readonly stride: number;
  /** A store that forgets a duty. */
  readonly spoil?: Spoil;
}

export interface UsedFolder {
  readonly disk: MemoryDisk;
  readonly oracle: Oracle;
}

/** Snapshots, shelves, an erasure that is not done, a temporary file and a torn write: something to mend of each sort. */
export function usedFolder(): UsedFolder {
  const disk = new MemoryDisk();
  const oracle = new Oracle();
  const first = openToy(disk, { policy: hasty });
  for (let count = 0; count < 9; count++) {
    commit(first, oracle, noteOf('own1', count));
    commit(first, oracle, noteOf('own2', count));
    if (count === 4) first.upkeep('idle');
  }
  first.upkeep('idle');
  commit(first, oracle, { type: 'delete', owner: 'own2' });
  first.engine.erase('own2');
  oracle.erasing.add('own2');
  const second = openToy(disk, { policy: hasty });
  for (let count = 9; count < 12; count++) commit(second, oracle, noteOf('own1', count));
  const file = disk.list('.').findLast((name) => name.startsWith('journal-')) ?? '';
  const records = Buffer.from(disk.read(file));
  const torn = Buffer.concat([records.subarray(0, records.lastIndexOf('}') + 1), Buffer.from('torn')]);
  const files = new Map([...disk.files, [file, torn], ['snapshot-1.bin.tmp', Buffer.from('half')]] as const);
  freeToys();
  return { disk: new MemoryDisk(files), oracle };
}

function noteOf(owner: string, count: number): Step {
  const id = `${owner}.n${count}`;
  return { type: 'add', id, text: `${id} `.repeat(count % 4 === 0 ? 400 : 8) };
}

/** Everything a store does, with whatever of it fails. It must not throw, and be right as long as it is writable. */
function workOn(disk: Disk, oracle: Oracle, tally: Tally): void {
  const toy = openToy(disk, { policy: hasty });
  look(toy, oracle, 'when opened');
  for (let count = 20; count < 28; count++) {
    commit(toy, oracle, noteOf(count < 24 ? 'own3' : 'own4', count));
    look(toy, oracle, `after ${count}`);
    if (count % 3 === 0) toy.upkeep('idle');
    if (count === 24) deleteOwner(toy, oracle);
    if (toy.engine.state.type === 'writable') oracle.erasuresEnded((owner) => toy.engine.isErasing(owner));
  }
  toy.engine.rest();
  look(toy, oracle, 'at the end');
  if (toy.defects.length > 0) throw new Violation(`a defect: ${String(toy.defects[0])}`);
  tally.count(toy.engine.state.type === 'writable' ? 'writable at the end' : 'read-only at the end');
  toy.engine.close();
}

/** One commit of its own group; what is refused must never be seen again. */
function commit({ engine }: Toy, oracle: Oracle, step: Step): void {
  const event = oracle.propose(step);
  try {
    engine.stage({ time: 0, events: JSON.stringify([event]) });
    if (engine.flush() === undefined) oracle.acknowledge();
    else oracle.refuse();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    oracle.refuse();
  }
  engine.settle();
}

function deleteOwner(toy: Toy, oracle: Oracle): void {
  const before = oracle.acknowledged;
  commit(toy, oracle, { type: 'delete', owner: 'own3' });
  if (oracle.acknowledged === before) return;
  try {
    toy.engine.erase('own3');
    oracle.erasing.add('own3');
  } catch (error) {
    // Not asked for then: it may be forgotten, and may be done.
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}

function look(toy: Toy, oracle: Oracle, when: string): void {
  const { state } = toy.engine;
  if (state.type === 'writable') oracle.check(readable(toy, oracle), when);
  else if (!toy.notices.some(({ key, level }) => key === 'store' && level !== 'info'))
    throw new Violation(`${when}: read-only, and nobody is told`);
}

/** A disk that does not give a body's bytes is no loss: the note says so, and the next read tries again. */
function readable(toy: Toy, oracle: Oracle): ReturnType<typeof holdingsOf> {
  try {
    return holdingsOf(toy);
  } catch (error) {
    if (!(error instanceof Violation && error.message.includes('store.damaged'))) throw error;
    return oracle.expected();
  }
}

function reopen(disk: MemoryDisk, oracle: Oracle): void {
  const first = openToy(disk);
  if (first.engine.state.type !== 'writable')
    throw new Violation(`opened again: ${first.engine.state.code} ${first.engine.state.data['0']}`);
  oracle.check(holdingsOf(first), 'opened again');
  oracle.checkErased(disk.files, 'opened again');
  const forgotten = [...oracle.erasing].filter((owner) => !first.engine.isErasing(owner));
  // It may have ended without being able to say so: then nothing is left of it.
  for (const owner of forgotten) oracle.erased.add(owner);
  oracle.checkErased(disk.files, 'an erasure that nobody goes on with');
  const second = openToy(disk);
  if (second.notices.length > 0)
    throw new Violation(`the second open mends again: ${second.notices[0]?.code}`);
  oracle.check(holdingsOf(second), 'opened twice');
}
