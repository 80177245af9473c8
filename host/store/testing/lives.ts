import type { Disk } from '../disk.ts';
import type { Occasion } from '../snapshot-policy.ts';
import { hasty } from './hasty.ts';
import { changingVerbs, hookedDisk } from './hooked-disk.ts';
import { MemoryDisk } from './memory-disk.ts';
import { type FoundNote, type Holdings, Oracle, type Step, Violation } from './oracle.ts';
import { freeToys, openToy, type Toy } from './toy-engine.ts';

/**
 * A store's life of a few owners, each ended by a clean close, a kill or a power cut, at a random moment down to
 * a single call of the disk. It commits, makes snapshots and erases. After each end the folder is opened again, as
 * each of a few disks that may be found, and compared with an oracle that stands outside.
 * @param spoil puts a broken disk between: a mutant of the store that forgets a duty.
 * @throws Violation
 */
export function liveAndDie(
  seed: number,
  spoil: Spoil = (disk) => disk,
  { owners = 4, imagesPerCut = 1 }: { readonly owners?: number; readonly imagesPerCut?: number } = {},
): LifeReport {
  const random = randomNumbers(seed);
  const oracle = new Oracle();
  const report = { images: 0, kills: 0, torn: 0, snapshots: 0, erasures: 0, rebuilds: 0 };
  const life: Life = { random, oracle, spoil, report, counts: { notes: 0, owners: 1 } };
  let disk = new MemoryDisk();
  for (let owner = 0; owner < owners; owner++) {
    const end = liveOnce(disk, life);
    if (end === 'cut') {
      const images = Array.from({ length: imagesPerCut }, () =>
        disk.powerCut({ random, entries: random() < 0.5 ? 'prefix' : 'subset' }),
      );
      for (const image of images) verify(image.copy(), life, 'after a power cut');
      report.images += images.length;
      disk = images.at(-1) ?? disk;
    } else {
      report.kills += Number(end === 'killed');
      verify(disk.copy(), life, `after being ${end}`);
    }
    freeToys();
  }
  return report;
}

export type Spoil = (disk: Disk) => Disk;

export interface LifeReport {
  /** Disks as found after a power cut. */
  readonly images: number;
  readonly kills: number;
  readonly torn: number;
  /** Snapshots that stood in the folders that were verified. */
  readonly snapshots: number;
  /** Erasures that came to their end. */
  readonly erasures: number;
  /** Folders that were opened again without their newest snapshot, or without any, and gave the same. */
  readonly rebuilds: number;
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

interface Life {
  readonly random: () => number;
  readonly oracle: Oracle;
  readonly spoil: Spoil;
  readonly report: { -readonly [Key in keyof LifeReport]: number };
  /** For new names. */
  readonly counts: { notes: number; owners: number };
}

type End = 'closed' | 'killed' | 'cut';

export class Ending extends Error {}

function liveOnce(disk: MemoryDisk, life: Life): End {
  const { random, spoil } = life;
  const end: End = random() < 0.7 ? 'cut' : 'killed';
  const lastCall = random() < 0.8 ? Math.floor(random() ** 2 * 160) : Number.POSITIVE_INFINITY;
  const ending = endingAt(spoil(disk), lastCall, random() < 0.5);
  try {
    const toy = openToy(ending.disk, { policy: hasty });
    begin(toy, disk, life);
    for (let step = Math.floor(random() * 14); step > 0; step--) {
      act(toy, life);
      if (ending.isOver()) return end;
    }
    if (random() < 0.5) return end;
    toy.engine.close();
    return ending.isOver() ? end : 'closed';
  } catch (error) {
    if (error instanceof Ending) return end;
    throw error;
  }
}

/** What an owner finds is what it goes on with: from here on it must stay. */
function begin(toy: Toy, disk: MemoryDisk, { oracle }: Life): void {
  const found = checkOpen(toy, oracle, 'a new owner');
  oracle.adopt(found);
  // The last one may have ended right before it could tell.
  const ended = oracle.erasuresEnded((owner) => toy.engine.isErasing(owner));
  if (ended > 0) oracle.checkErased(disk.files, 'an erasure that had ended');
}

function act(toy: Toy, life: Life): void {
  const { random } = life;
  const chance = random();
  if (chance < 0.62) commitGroup(toy, life);
  else if (chance < 0.9) keepUp(toy, life, random() < 0.5 ? 'pause' : 'idle');
  else if (chance < 0.97) eraseOwner(toy, life);
  else toy.engine.rest();
}

function commitGroup({ engine }: Toy, life: Life): void {
  for (let commit = 1 + Math.floor(life.random() * 3); commit > 0; commit--) {
    const event = life.oracle.propose(nextStep(life));
    engine.stage({ time: 0, events: JSON.stringify([event]) });
  }
  const failure = engine.flush();
  if (failure !== undefined) throw failure.error;
  life.oracle.acknowledge();
  engine.settle();
}

function nextStep({ random, oracle, counts }: Life): Step {
  const known = oracle.expected().notes;
  const changed = random() < 0.2 ? known[Math.floor(random() * known.length)] : undefined;
  counts.notes += 1;
  if (changed !== undefined)
    return { type: 'change', id: changed.id, text: textOf(changed.id, counts.notes) };
  const id = `own${counts.owners - Math.floor(random() * 2)}.n${counts.notes}`;
  return { type: 'add', id, text: textOf(id, counts.notes) };
}

/** Between a few bytes and several sectors; some stay out of the index. */
function textOf(id: string, version: number): string {
  return `${id}:${version} `.repeat(1 + ((version * 37) % 400));
}

/** All steps of the upkeep, with commits between them; now and then it is given up half-way. */
function keepUp(toy: Toy, life: Life, occasion: Occasion): void {
  const { random, oracle } = life;
  const steps = toy.engine.upkeep(occasion);
  for (let step = steps?.next(); step !== undefined && step.done !== true; step = steps?.next()) {
    if (random() < 0.3) commitGroup(toy, life);
    if (random() < 0.05) {
      steps?.return(undefined);
      break;
    }
  }
  life.report.erasures += oracle.erasuresEnded((owner) => toy.engine.isErasing(owner));
}

function eraseOwner(toy: Toy, { oracle, counts }: Life): void {
  const owner = `own${counts.owners}`;
  // Whatever comes of this, the name is not used again.
  counts.owners += 2;
  const event = oracle.propose({ type: 'delete', owner });
  const { engine } = toy;
  engine.stage({ time: 0, events: JSON.stringify([event]) });
  const failure = engine.flush();
  if (failure !== undefined) throw failure.error;
  oracle.acknowledge();
  engine.settle();
  engine.erase(owner);
  oracle.erasing.add(owner);
}

/** The folder as found, and what else could be made of it. */
function verify(disk: MemoryDisk, { random, oracle, spoil, report }: Life, where: string): void {
  const asFound = disk.copy();
  const first = openToy(spoil(disk));
  const found = checkOpen(first, oracle, where);
  report.torn += first.notices.length;
  for (const owner of oracle.erasing) {
    if (first.engine.isErasing(owner) || !isLeft(disk, owner)) continue;
    throw new Violation(`${where}: the erasure of ${owner} is forgotten`);
  }
  oracle.checkErased(asFound.files, where);
  const second = openToy(disk);
  if (second.notices.length > 0) throw new Violation(`${where}: the second open finds something to mend`);
  if (checkOpen(second, oracle, `${where}, second open`) !== found)
    throw new Violation(`${where}: the second open finds another end`);
  checkTemporary(disk, where);
  const snapshots = snapshotsOf(asFound);
  report.snapshots += snapshots.length;
  if (random() < 0.3)
    report.rebuilds += verifyRebuilds(asFound, { found: holdingsOf(second), snapshots, where });
}

/** R1. @throws Violation */
export function checkTemporary(disk: MemoryDisk, where: string): void {
  const left = disk.list('.').find((name) => name.endsWith('.tmp'));
  if (left !== undefined) throw new Violation(`${where}: ${left} is left after the opening`);
}

function isLeft(disk: MemoryDisk, owner: string): boolean {
  return [...disk.files].some(([file, bytes]) => file.includes(`/${owner}.`) || bytes.includes(`${owner}.n`));
}

/** The newest snapshot may be lost, and while the journal is whole every one of them: the journal gives the same. */
export function verifyRebuilds(disk: MemoryDisk, { found, snapshots, where }: Rebuild): number {
  const isWhole = disk.files.has('journal-0000000000000001.log');
  const without = [snapshots.slice(0, 1), ...(isWhole ? [snapshots] : [])].filter(
    (files) => files.length > 0 && (isWhole || files.length < snapshots.length),
  );
  for (const files of without) {
    const copy = new MemoryDisk(new Map([...disk.files].filter(([file]) => !files.includes(file))));
    const rebuilt = openToy(copy);
    // A power cut may bring back the first of the segments that were removed, and not all of them.
    if (files.length === snapshots.length && rebuilt.engine.state.type !== 'writable') continue;
    if (JSON.stringify(holdingsOf(rebuilt)) !== JSON.stringify(found))
      throw new Violation(`${where}: without ${files.join(', ')} the journal gives something else`);
  }
  return without.length;
}

export interface Rebuild {
  readonly found: Holdings;
  /** Names, the newest first. */
  readonly snapshots: readonly string[];
  readonly where: string;
}

const snapshotName = /^snapshot-\w+\.bin$/;

/** Names of the snapshots in a folder, the newest first. */
export function snapshotsOf(disk: MemoryDisk): readonly string[] {
  return disk
    .list('.')
    .filter((name) => snapshotName.test(name))
    .toReversed();
}

/** What an undamaged folder must give: @returns the number of steps that are there. @throws Violation */
function checkOpen(toy: Toy, oracle: Oracle, where: string): number {
  const { state } = toy.engine;
  if (state.type !== 'writable') throw new Violation(`${where}: read-only, ${state.code} ${state.data['0']}`);
  const alarm = toy.notices.find(({ code }) => code !== 'store.torn');
  if (alarm !== undefined) throw new Violation(`${where}: a false alarm, ${alarm.code}`);
  const [defect] = toy.defects;
  if (defect !== undefined) throw new Violation(`${where}: ${String(defect)}`);
  return oracle.check(holdingsOf(toy), where);
}

/** @throws Violation where a note cannot be read */
export function holdingsOf({ engine }: Toy): Holdings {
  try {
    const notes = engine.read('note.all', undefined) as readonly FoundNote[];
    const gone = engine.read('owner.gone', undefined) as Holdings['gone'];
    return { notes: notes.map(({ id, text, seq }) => ({ id, text, seq })), gone };
  } catch (error) {
    if (error instanceof Error && 'code' in error)
      throw new Violation(`a note is not readable, ${error.code}`);
    throw error;
  }
}

/** Throws at the given call that changes anything, perhaps half-way in it, and at every later one. */
export function endingAt(
  disk: Disk,
  lastCall: number,
  isHalfDone: boolean,
): { readonly disk: Disk; isOver(): boolean } {
  let calls = 0;
  const hooked = hookedDisk(disk, ({ verb, half }) => {
    if (changingVerbs.has(verb)) calls += 1;
    if (calls <= lastCall) return undefined;
    if (calls === lastCall + 1 && changingVerbs.has(verb) && isHalfDone) half();
    calls += 1;
    throw new Ending();
  });
  return { disk: hooked, isOver: () => calls > lastCall };
}
