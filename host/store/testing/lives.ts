import type { Disk } from '../disk.ts';
import { MemoryDisk } from './memory-disk.ts';
import { added, freeToys, openToy, type Toy } from './toy-engine.ts';

/**
 * A store's life of a few owners, each ended by a clean close, a kill or a power cut, at a random moment down to
 * a single call of the disk. After each end the folder is opened again and compared with an oracle that stands
 * outside: what was acknowledged is there, in order and unharmed, and nothing is called damaged.
 * @param spoil puts a broken disk between: a mutant of the store that forgets a duty.
 */
export function liveAndDie(seed: number, spoil: (disk: Disk) => Disk = (disk) => disk): LifeReport {
  const random = randomNumbers(seed);
  let disk = new MemoryDisk();
  const oracle: Oracle = { acknowledged: [], underWay: [], count: 0 };
  const report = { images: 0, torn: 0 };
  for (let owner = 0; owner < 4; owner++) {
    const end = liveOnce({ disk, random, oracle, spoil });
    if (end === 'cut') {
      disk = disk.powerCut({ random, entries: random() < 0.5 ? 'prefix' : 'subset' });
      report.images += 1;
    }
    report.torn += verify(disk.copy(), oracle, spoil);
    freeToys();
  }
  return report;
}

export interface LifeReport {
  /** Disks as found after a power cut. */
  readonly images: number;
  readonly torn: number;
}

/** What the oracle found wrong: the reason a mutant is noticed by. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Oracle {
  /** Ids whose commit was acknowledged, in order. */
  acknowledged: readonly string[];
  /** Ids that were being written when the end came: any first few of them may be found. */
  underWay: readonly string[];
  count: number;
}

interface Life {
  readonly disk: MemoryDisk;
  readonly random: () => number;
  readonly oracle: Oracle;
  readonly spoil: (disk: Disk) => Disk;
}

class PowerCut extends Error {}

function liveOnce({ disk, random, oracle, spoil }: Life): 'cut' | 'kept' {
  const lastCall = random() < 0.7 ? Math.floor(random() * 60) : Number.POSITIVE_INFINITY;
  try {
    const toy = openToy(cutting(spoil(disk), lastCall));
    for (let group = Math.floor(random() * 12); group > 0; group--) commitGroup(toy, oracle, random);
    const end = random();
    if (end < 0.4) toy.engine.close();
    return end < 0.8 ? 'kept' : 'cut';
  } catch (error) {
    if (error instanceof PowerCut) return 'cut';
    throw error;
  }
}

function commitGroup({ engine }: Toy, oracle: Oracle, random: () => number): void {
  const ids: string[] = [];
  for (let commit = 1 + Math.floor(random() * 3); commit > 0; commit--) {
    oracle.count += 1;
    const id = `n${oracle.count}`;
    ids.push(id);
    oracle.underWay = ids;
    engine.stage({ time: 0, events: JSON.stringify([added(id, textOf(id))]) });
  }
  const failure = engine.flush();
  if (failure !== undefined) throw failure.error;
  engine.settle();
  oracle.acknowledged = [...oracle.acknowledged, ...ids];
  oracle.underWay = [];
  if (random() < 0.2) engine.mark();
}

/** Between a few bytes and several sectors, and known from the id alone. */
function textOf(id: string): string {
  return `${id}.`.repeat(1 + ((Number(id.slice(1)) * 37) % 600));
}

function verify(disk: MemoryDisk, oracle: Oracle, spoil: (disk: Disk) => Disk): number {
  const first = openToy(spoil(disk));
  const found = compare(first, oracle);
  const second = openToy(disk);
  if (second.notices.length > 0) throw new Violation('the second open finds something to mend');
  if (compare(second, oracle).length !== found.length)
    throw new Violation('the second open finds another end');
  oracle.acknowledged = found;
  oracle.underWay = [];
  return first.notices.length;
}

function compare(toy: Toy, { acknowledged, underWay }: Oracle): readonly string[] {
  if (toy.engine.state.type !== 'writable') throw new Violation(`read-only: ${toy.engine.state.code}`);
  if (toy.notices.some(({ code }) => code !== 'store.torn')) throw new Violation('a false alarm');
  const notes = toy.notes();
  const found = notes.map(([id]) => id);
  if (found.length < acknowledged.length) throw new Violation(`${acknowledged.length - found.length} lost`);
  const possible = [...acknowledged, ...underWay];
  if (found.some((id, index) => id !== possible[index])) throw new Violation('ghosts, or out of order');
  if (notes.some(([id, text]) => text !== textOf(id))) throw new Violation('wrong data');
  return found;
}

/** Throws at the given call that changes anything, and at every later one. */
function cutting(disk: Disk, lastCall: number): Disk {
  let calls = 0;
  const counted = <Args extends readonly unknown[], Result>(call: (...args: Args) => Result) => {
    return (...args: Args): Result => {
      calls += 1;
      if (calls > lastCall) throw new PowerCut();
      return call(...args);
    };
  };
  return {
    list: (folder) => disk.list(folder),
    read: (file) => disk.read(file),
    readPart: (file, part) => disk.readPart(file, part),
    create: counted((file: string) => {
      const handle = disk.create(file);
      return {
        write: counted((bytes: Uint8Array, offset: number) => handle.write(bytes, offset)),
        sync: counted(() => handle.sync()),
        cut: counted((size: number) => handle.cut(size)),
        close: () => handle.close(),
      };
    }),
    rename: counted((from: string, to: string) => disk.rename(from, to)),
    remove: counted((file: string) => disk.remove(file)),
    truncate: counted((file: string, size: number) => disk.truncate(file, size)),
    sync: counted((file: string) => disk.sync(file)),
    makeFolder: counted((folder: string) => disk.makeFolder(folder)),
    syncFolder: counted((folder: string) => disk.syncFolder(folder)),
  };
}
