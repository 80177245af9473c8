import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Violation } from '#host/store/testing/oracle.ts';
import { temporaryFolder } from '#host/store/testing/toy-store.ts';
import { type Child, startStore } from './children.ts';
import { openTwice } from './kill-loop.ts';
import { type KillPoint, killPoints } from './kill-points.ts';
import { portion, type RunOptions, type Scenario, Tally } from './scenario.ts';
import { StoreLedger } from './store-ledger.ts';
import type { OpenLine, StoreLine } from './store-lines.ts';

/** The second where the other owner has let the segments of that time go. */
const overruled: readonly string[] = ['store.other-owner', 'store.outcome-unknown'];

/** Behind the claim: before it nobody owns the folder. */
const stopPoints = killPoints.filter(({ name }) => !name.startsWith('claim') && !name.startsWith('opening'));

/**
 * T9: an owner stands still in the middle of a step, another takes the folder over and goes on, and the first one
 * wakes: what it still does must not be seen.
 */
export const stoppedOwner: Scenario = {
  name: 'T9 stopped owner',
  async run(options) {
    const tally = new Tally();
    const stops = portion(stopPoints.length, options, 2);
    const stride = stopPoints.length / stops;
    for (let stop = 0; stop < stops; stop++) {
      const point = stopPoints[(Math.floor(stop * stride) + options.seed) % stopPoints.length];
      if (point !== undefined)
        await tally.try(point.name, () => stopAt(point, tally, goesOnFor(stop, options)));
    }
    return tally.outcome();
  },
};

interface GoesOn {
  /** So many commits of the other owner: every second time so many that segments of before are gone. */
  readonly commits: number;
  /** Milliseconds more of standing still: in a full run once a minute. */
  readonly rest: number;
}

function goesOnFor(stop: number, { share }: RunOptions): GoesOn {
  return { commits: stop % 2 === 0 ? 60 : 600, rest: share === 1 && stop === 0 ? 60_000 : 0 };
}

async function stopAt({ at }: KillPoint, tally: Tally, { commits, rest }: GoesOn): Promise<void> {
  using folder = temporaryFolder();
  const directory = folder.path;
  const ledger = new StoreLedger();
  await using first = startStore({ directory, name: 'first' }, { at: { ...at, action: 'stop' } });
  if (!(await isStopped(first))) {
    tally.count('points not reached');
    return;
  }
  await using second = startStore({ directory, name: 'second', ownership: 'take-over' });
  const own = segmentsIn(directory).at(-1) ?? '';
  await second.said(({ type }) => type === 'acknowledged', commits);
  await delay(rest);
  tally.count('woke when their segment was gone', Number(!segmentsIn(directory).includes(own)));
  // What it said before it stood still: by now it is read.
  const heard = first.lines.length;
  ledger.hear(first.lines);
  first.process.kill('SIGCONT');
  await first.said(({ type }) => type === 'refused' || type === 'stopped');
  // It goes on beside the one that is awake, until each of its eight is told.
  await Promise.race([first.ended, second.said(({ type }) => type === 'acknowledged', commits + 140)]);
  await first.kill();
  const codes = first.lines.flatMap((line) => (line.type === 'refused' ? [line.code] : []));
  if (codes.some((code) => !overruled.includes(code)))
    throw new Violation(`refused with ${codes.join(', ')}`);
  await second.kill();
  const opened = second.lines.find((line): line is OpenLine => line.type === 'open');
  if (opened === undefined) throw new Violation('the second owner never opened');
  ledger.check(opened, ['first']);
  // What the first is told after it woke had been found by the second.
  ledger.hear(first.lines.slice(heard));
  ledger.hear(second.lines);
  await openTwice(directory, ledger, ['second']);
  tally.count('owners stopped and woken');
  tally.count('refused when they woke', codes.length);
}

function segmentsIn(directory: string): readonly string[] {
  return readdirSync(directory)
    .filter((name) => name.startsWith('journal-'))
    .sort();
}

/** @returns whether it stands still; false when it has written a lot and never came there. */
async function isStopped(child: Child<StoreLine>): Promise<boolean> {
  for (;;) {
    const stat =
      child.process.exitCode === null ? readFileSync(`/proc/${child.process.pid}/stat`, 'utf8') : '';
    if (stat.slice(stat.lastIndexOf(')') + 2).startsWith('T')) return true;
    if (stat === '' || child.lines.length > 1500) return false;
    await delay(20);
  }
}
