import { setTimeout as delay } from 'node:timers/promises';
import { randomNumbers } from '#host/store/testing/lives.ts';
import { Violation } from '#host/store/testing/oracle.ts';
import { temporaryFolder } from '#host/store/testing/toy-store.ts';
import { type Child, startStore } from './children.ts';
import { openTwice } from './kill-loop.ts';
import { portion, type RunOptions, type Scenario, Tally } from './scenario.ts';
import { StoreLedger } from './store-ledger.ts';
import type { OpenLine, StoreLine } from './store-lines.ts';

const racers = 6;
const fullOpens = 1000;
const fullOverlaps = 200;
/** The second where the next owner takes long to begin to write. */
const overruled: readonly string[] = ['store.other-owner', 'store.outcome-unknown'];

/** T10: windows that take the folder from one another at once, and hosts that start while the last one still ends. */
export const twoWindows: Scenario = {
  name: 'T10 two windows',
  async run(options) {
    const tally = new Tally();
    await tally.try('six windows', () => race(tally, options));
    await tally.try('restarts that overlap', () => overlap(tally, options));
    return tally.outcome();
  },
};

/** Figure 17: two owners at once would acknowledge different notes at one place. */
async function race(tally: Tally, options: RunOptions): Promise<void> {
  using folder = temporaryFolder();
  const directory = folder.path;
  const opens = Math.ceil(portion(fullOpens, options, 12) / racers);
  const names = Array.from({ length: racers }, (_, index) => `w${index}`);
  const children = names.map((name) =>
    startStore({ directory, name, ownership: 'take-over', erases: 'own', opens, commits: 24 }),
  );
  const ends = await Promise.all(children.map(({ ended }) => ended));
  if (ends.some((end) => end !== 0)) throw new Violation(`windows ended with ${ends.join(', ')}`);
  const lines = children.flatMap((child) => child.lines);
  const acknowledged = lines.filter((line) => line.type === 'acknowledged');
  const places = new Set(acknowledged.map(({ seq }) => seq));
  tally.count('openings in the race', lines.filter(({ type }) => type === 'open').length);
  tally.count('double owners', acknowledged.length - places.size);
  if (places.size < acknowledged.length) throw new Violation('two owners acknowledged notes at one place');
  const codes = new Set(
    lines.flatMap((line) =>
      line.type === 'refused'
        ? [overruled.includes(line.code) ? line.code : `${line.code} (${line.why})`]
        : [],
    ),
  );
  if ([...codes].some((code) => !overruled.includes(code)))
    throw new Violation(`refused with ${[...codes].join(', ')}`);
  const ledger = new StoreLedger();
  ledger.hear(lines);
  await openTwice(directory, ledger, names);
}

/** An editor starts its new host while the old one writes still, and dies some time later. */
async function overlap(tally: Tally, options: RunOptions): Promise<void> {
  using folder = temporaryFolder();
  await using hosts = new AsyncDisposableStack();
  const directory = folder.path;
  const random = randomNumbers(options.seed);
  const ledger = new StoreLedger();
  let old: Child<StoreLine> | undefined;
  const names: string[] = [];
  const overlaps = portion(fullOverlaps, options, 2);
  for (let count = 0; count <= overlaps; count++) {
    const name = `host${count}`;
    names.push(name);
    const next = hosts.use(startStore({ directory, name, ownership: 'take-over', erases: 'own' }));
    if (old !== undefined) {
      // Anywhere from before the new one has begun to long after it asked.
      await delay(random() * 600);
      await old.kill();
      ledger.hear(old.lines);
      tally.count('restarts that overlapped');
    }
    const started = performance.now();
    await next.said(({ type }) => type === 'open');
    tally.most(
      'milliseconds until a killed owner was followed, at most',
      Math.round(performance.now() - started),
    );
    await next.said(({ type }) => type === 'acknowledged', 20);
    const opened = next.lines.find((line): line is OpenLine => line.type === 'open');
    if (opened === undefined) throw new Violation(`${name} never opened`);
    ledger.check(opened, names);
    old = next;
  }
  await old?.kill();
  ledger.hear(old?.lines ?? []);
  await openTwice(directory, ledger, names);
}
