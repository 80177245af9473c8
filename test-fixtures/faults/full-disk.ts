import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasty } from '#host/store/testing/hasty.ts';
import { holdingsOf } from '#host/store/testing/lives.ts';
import { MemoryDisk } from '#host/store/testing/memory-disk.ts';
import { Oracle, type Step, Violation } from '#host/store/testing/oracle.ts';
import { freeToys, openToy } from '#host/store/testing/toy-engine.ts';
import { temporaryFolder } from '#host/store/testing/toy-store.ts';
import { startStore } from './children.ts';
import { openTwice } from './kill-loop.ts';
import { type RunOptions, type Scenario, spread, Tally } from './scenario.ts';
import { StoreLedger } from './store-ledger.ts';
import type { OpenLine } from './store-lines.ts';

/** T7: a disk that is full: a real one of two megabytes, and in memory one of each size that a history needs. */
export const fullDisk: Scenario = {
  name: 'T7 full disk',
  async run(options) {
    const tally = new Tally();
    await fillInMemory(tally, options);
    const skipped = await fillReally(tally);
    return skipped === undefined ? tally.outcome() : { ...tally.outcome(), skipped };
  },
};

/** @returns why it could not be done. */
async function fillReally(tally: Tally): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'mounting a file system needs root';
  using folder = temporaryFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder.path], { stdio: 'pipe' });
  } catch (error) {
    if (!(error instanceof Error && 'status' in error)) throw error;
    return 'this system does not let root mount a file system';
  }
  try {
    await tally.try('a tmpfs of 2 MB', () => fillMounted(folder.path, tally));
  } finally {
    execFileSync('umount', ['-l', folder.path]);
  }
  return undefined;
}

async function fillMounted(mounted: string, tally: Tally): Promise<void> {
  const ballast = join(mounted, 'ballast');
  writeFileSync(ballast, Buffer.alloc(1_200_000, 1));
  const directory = join(mounted, 'store');
  const ledger = new StoreLedger();
  await using child = startStore({ directory, name: 'full' });
  await child.said(({ type }) => type === 'refused');
  // Full: everything that was acknowledged is there for who opens it now, if only for reading.
  await child.kill();
  ledger.hear(child.lines);
  const refused = child.lines.filter(({ type }) => type === 'refused').length;
  if (refused === 0) throw new Violation('two megabytes were never full');
  tally.count('refused by the real disk', refused);
  tally.count('acknowledged before', ledger.acknowledged);
  await openFull(directory, ledger);
  rmSync(ballast);
  await openTwice(directory, ledger, ['full']);
  await using more = startStore({ directory, name: 'more', commits: 40 });
  await more.ended;
  const went = more.lines.filter(({ type }) => type === 'acknowledged').length;
  if (went === 0) throw new Violation('with room again nothing is acknowledged');
  tally.count('acknowledged after', went);
}

/** R12: who cannot write opens all the same, and says so. */
async function openFull(directory: string, ledger: StoreLedger): Promise<void> {
  await using child = startStore({ directory, name: 'still', commits: 0 });
  await child.ended;
  const opened = child.lines.find((line): line is OpenLine => line.type === 'open');
  if (opened === undefined) throw new Violation('a full disk cannot be opened');
  const isRefused = opened.state === 'store.unwritable' && opened.notices.includes('store.readonly');
  ledger.check(
    isRefused ? { ...opened, state: 'writable' } : opened,
    ['full'],
    ['store.readonly', 'store.snapshot'],
  );
}

/** Where exactly the room ends must not matter: each size of disk in which the history does not fit. */
async function fillInMemory(tally: Tally, options: RunOptions): Promise<void> {
  const needed = bytesUsed(Number.MAX_SAFE_INTEGER, tally);
  for (const capacity of spread(0, needed, { ...options, share: options.share / 20 })) {
    await tally.try(`a disk of ${capacity} bytes`, () => {
      bytesUsed(capacity, tally);
      tally.count('sizes of disk');
    });
    freeToys();
  }
}

/** Writes until the end, full or not, and opens the folder again on a disk with room. */
function bytesUsed(capacity: number, tally: Tally): number {
  const disk = new MemoryDisk();
  disk.capacity = capacity;
  const oracle = new Oracle();
  const toy = openToy(disk, { policy: hasty });
  let most = 0;
  for (let count = 1; count <= 20; count++) {
    const id = `own1.n${count}`;
    const step: Step = { type: 'add', id, text: `${id} `.repeat(count % 4 === 0 ? 300 : 9) };
    const isKept = typeof toy.commit(oracle.propose(step)) === 'number';
    if (isKept) oracle.acknowledge();
    else oracle.refuse();
    if (!isKept) tally.count('refused in memory');
    toy.upkeep('idle');
    most = Math.max(
      most,
      [...disk.files.values()].reduce((sum, { length }) => sum + length, 0),
    );
  }
  toy.engine.close();
  const copy = disk.copy();
  for (const when of ['opened with room', 'opened twice']) {
    const again = openToy(copy);
    if (again.engine.state.type !== 'writable') throw new Violation(`${when}: ${again.engine.state.code}`);
    oracle.check(holdingsOf(again), when);
  }
  return most;
}
