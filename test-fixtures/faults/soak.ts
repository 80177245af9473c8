import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Violation } from '#host/store/testing/oracle.ts';
import { temporaryFolder } from '#host/store/testing/toy-store.ts';
import { type Child, startStore } from './children.ts';
import { openTwice } from './kill-loop.ts';
import { type Scenario, Tally } from './scenario.ts';
import { StoreLedger } from './store-ledger.ts';
import type { OpenLine, StoreLine } from './store-lines.ts';

const fullSeconds = 30 * 60;
const settledSeconds = 10 * 60;
const mostMegabytes = 450;

/** T14: a process works for half an hour as it would in weeks. What it holds must not grow with what it did. */
export const soak: Scenario = {
  name: 'T14 soak',
  async run({ share }) {
    const tally = new Tally();
    await tally.try('the soak', () => work(Math.max(6, fullSeconds * share), tally));
    return tally.outcome();
  },
};

interface Sample {
  readonly megabytes: number;
  readonly handles: number;
  readonly segments: number;
  readonly snapshots: number;
  readonly folderBytes: number;
}

async function work(seconds: number, tally: Tally): Promise<void> {
  using folder = temporaryFolder();
  const directory = folder.path;
  const policy = { bytes: 400_000, share: 0.25, records: 600, worthBytes: 1, worthRecords: 1, idle: 1000 };
  await using child = startStore({ directory, name: 'soak', policy, quiet: true, pauseMs: 4 });
  await child.said(({ type }) => type === 'committed');
  const samples: Sample[] = [];
  for (const started = performance.now(); performance.now() - started < seconds * 1000; ) {
    await delay(1000);
    if (child.process.exitCode !== null) throw new Violation(`it ended by itself: ${child.process.exitCode}`);
    samples.push(sampleOf(child, directory));
  }
  child.process.kill('SIGTERM');
  await child.ended;
  report(samples, child, tally);
  await verifyEnd(directory, child);
}

function sampleOf(child: Child<StoreLine>, directory: string): Sample {
  const proc = `/proc/${child.process.pid}`;
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`${proc}/status`, 'utf8'))?.[1];
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return {
    megabytes: Number(rss) / 1024,
    handles: readdirSync(`${proc}/fd`).length,
    segments: names.filter((name) => name.startsWith('journal-')).length,
    snapshots: names.filter((name) => name.startsWith('snapshot-') && !name.endsWith('.tmp')).length,
    folderBytes: names.reduce((sum, name) => sum + sizeOf(join(directory, name)), 0),
  };
}

/** A file may go away between the two looks. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Where it stands after its first third is where it must stand at the end. */
function report(samples: readonly Sample[], child: Child<StoreLine>, tally: Tally): void {
  const third = Math.floor(samples.length / 3);
  const early = medianOf(samples.slice(third, 2 * third).map(({ megabytes }) => megabytes));
  const late = medianOf(samples.slice(2 * third).map(({ megabytes }) => megabytes));
  const most = (of: (sample: Sample) => number): number => Math.max(...samples.map(of));
  tally.count('seconds', samples.length);
  tally.count('commits', child.lines.findLast((line) => line.type === 'committed')?.count ?? 0);
  tally.count('owners erased', child.lines.filter(({ type }) => type === 'erased').length);
  tally.count(
    'RSS in MB, first third',
    Math.round(medianOf(samples.slice(0, third).map(({ megabytes }) => megabytes))),
  );
  tally.count('RSS in MB, second third', Math.round(early));
  tally.count('RSS in MB, last third', Math.round(late));
  tally.count(
    'open handles, at most',
    most(({ handles }) => handles),
  );
  tally.count(
    'segments, at most',
    most(({ segments }) => segments),
  );
  tally.count(
    'snapshots, at most',
    most(({ snapshots }) => snapshots),
  );
  tally.count('folder in KB, at most', Math.round(most(({ folderBytes }) => folderBytes) / 1024));
  // The collector takes its time: in the first minutes the process still grows to its size.
  const isSettled = samples.length >= settledSeconds;
  if (isSettled ? late > early * 1.15 + 16 : late > mostMegabytes)
    tally.fail(`RSS grows: ${early.toFixed(0)} MB, then ${late.toFixed(0)} MB`);
  if (most(({ handles }) => handles) > 60) tally.fail('file handles are not given back');
  if (most(({ segments }) => segments) > 8 || most(({ snapshots }) => snapshots) > 4)
    tally.fail('segments or snapshots are not removed');
}

/** What the next opening finds is what was there at the end. */
async function verifyEnd(directory: string, child: Child<StoreLine>): Promise<void> {
  const end = child.lines.find((line): line is OpenLine => line.type === 'end');
  if (end === undefined) throw new Violation('it did not come to its end');
  const ledger = new StoreLedger();
  ledger.hear(child.lines);
  ledger.check(end, ['soak']);
  await openTwice(directory, ledger, ['soak']);
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
