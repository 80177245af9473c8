import { randomNumbers } from '#host/store/testing/lives.ts';
import { Violation } from '#host/store/testing/oracle.ts';
import { temporaryFolder } from '#host/store/testing/toy-store.ts';
import { type Child, startStore } from './children.ts';
import { type KillPoint, killPoints } from './kill-points.ts';
import { portion, type Scenario, Tally } from './scenario.ts';
import { StoreLedger } from './store-ledger.ts';
import type { OpenLine, StoreLine } from './store-lines.ts';

const fullKills = 2000;
const killsPerFolder = 25;

/**
 * T1: processes that work on a store die by SIGKILL, at random times and at every named point of opening, commit,
 * rotation, snapshot and erasure. The next one's opening is the recovery, and the one after that must find it done.
 */
export const killLoop: Scenario = {
  name: 'T1 kill loop',
  async run(options) {
    const tally = new Tally();
    const random = randomNumbers(options.seed);
    const kills = portion(fullKills, options, 10);
    // Sorted by chance, so that a short run has points from everywhere.
    const points = killPoints.toSorted((a, b) => hash(a.name, options.seed) - hash(b.name, options.seed));
    const reached = new Set<string>();
    for (let done = 0; done < kills && !tally.failed; ) {
      const folderKills = Math.min(killsPerFolder, kills - done);
      await tally.try(`kills ${done + 1} to ${done + folderKills}`, async () => {
        const cycles = Array.from({ length: folderKills }, (_, index): Cycle => {
          const number = done + index;
          const point = number % 2 === 0 ? points[(number / 2) % points.length] : undefined;
          return { number, point, random };
        });
        await killInFolder(cycles, tally, reached);
      });
      done += folderKills;
    }
    tally.count('named points reached', reached.size);
    return tally.outcome();
  },
};

interface Cycle {
  readonly number: number;
  readonly point: KillPoint | undefined;
  readonly random: () => number;
}

async function killInFolder(cycles: readonly Cycle[], tally: Tally, reached: Set<string>): Promise<void> {
  using folder = temporaryFolder();
  const ledger = new StoreLedger();
  // Who wrote since somebody last saw what is there: some may die before they can say what they found.
  let writers: readonly string[] = [];
  for (const cycle of cycles) {
    const name = `c${cycle.number}`;
    writers = [...writers, name];
    await using child = startStore({ directory: folder.path, name }, { at: cycle.point?.at });
    const hasDied = await dieAt(child, cycle);
    tally.count('kills');
    if (cycle.point !== undefined && hasDied) reached.add(cycle.point.name);
    inCycle(cycle, () => {
      const hasOpened = takeDown(child, ledger, writers);
      if (hasOpened) writers = [name];
      ledger.checkErased(folder.path);
    });
  }
  await openTwice(folder.path, ledger, writers);
  tally.count('commits acknowledged', ledger.acknowledged);
  tally.count('erasures', ledger.erasures);
}

/**
 * Killed after so many acknowledgements were seen here, sometimes none; it is well ahead of that by then.
 * @returns whether it came to its own end before.
 */
async function dieAt(child: Child<StoreLine>, { point, random }: Cycle): Promise<boolean> {
  const enough = point === undefined ? Math.floor(random() ** 2 * 500) : 600;
  await child.said(({ type }) => type === 'acknowledged', enough);
  const seen = child.lines.filter(({ type }) => type === 'acknowledged').length;
  await child.kill();
  return seen < enough;
}

function takeDown({ lines }: Child<StoreLine>, ledger: StoreLedger, writers: readonly string[]): boolean {
  const opened = lines.find((line): line is OpenLine => line.type === 'open');
  if (opened !== undefined) ledger.check(opened, writers);
  ledger.hear(lines);
  return opened !== undefined;
}

/** The first of the two may find a torn tail, the second must find nothing to mend. */
export async function openTwice(
  directory: string,
  ledger: StoreLedger,
  writers: readonly string[],
): Promise<void> {
  for (const name of ['first', 'second']) {
    await using child = startStore({ directory, name, commits: 0 });
    await child.ended;
    const opened = child.lines.find((line): line is OpenLine => line.type === 'open');
    if (opened === undefined) throw new Violation(`the ${name} open did not come about`);
    if (name === 'second' && opened.notices.length > 0)
      throw new Violation(`the second open finds something to mend: ${opened.notices.join(', ')}`);
    ledger.check(opened, writers);
    ledger.checkErased(directory);
  }
}

function inCycle({ number, point }: Cycle, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    throw new Violation(`kill ${number + 1}, ${point?.name ?? 'at a random time'}: ${error.message}`);
  }
}

function hash(text: string, seed: number): number {
  return [...text].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0, seed * 7919);
}
