// Measures one large store in a process of its own: see `benchStall`.
import { readdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import { commitMany, openPrompts, promptText, quantile } from './prompt-store.ts';
import type { StallFigures } from './stall.ts';

const [, , directory = ''] = process.argv;
const text = promptText.repeat(3).slice(0, 1700);
const records = 27_000;
const base = process.memoryUsage.rss();

// The snapshot is asked for by the last commits alone.
await using store = await openPrompts(directory, {
  bytes: 1e12,
  records: records + 1,
  worthRecords: 1e12,
  worthBytes: 1e12,
});
await commitMany(store, { first: 0, count: records - 2000, width: 64, text });
const idle = await lateness(() =>
  store.read('session.list').then(() => new Promise((resolve) => setTimeout(resolve, 300))),
);
const commits = await lateness(() => commitMany(store, { first: records, count: 2000, width: 8, text }));
globalThis.gc?.();
const steady = process.memoryUsage.rss() - base;
const snapshot = await lateness(async () => {
  const made = snapshotMade();
  await commitMany(store, { first: 2 * records, count: 10, width: 1, text });
  await made;
});
const file = readdirSync(directory).find((name) => name.endsWith('.bin')) ?? '';
const figures: StallFigures = {
  idle: quantile(idle, 1),
  commits: quantile(commits, 0.99),
  snapshot: quantile(snapshot, 1),
  index: statSync(join(directory, file)).size,
  steady,
  peak: process.resourceUsage().maxRSS * 1024 - base,
};
process.stdout.write(JSON.stringify(figures));

/** How many milliseconds late a timer of 5 ms came, each time, while `work` went on. */
async function lateness(work: () => Promise<unknown>): Promise<readonly number[]> {
  const late: number[] = [0];
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    late.push(Math.max(0, now - last - 5));
    last = now;
  }, 5);
  await work();
  clearInterval(timer);
  return late;
}

function snapshotMade(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const watcher = watch(directory, (_, name) => {
    if (!/^snapshot-.*\.bin$/.test(name ?? '')) return;
    watcher.close();
    resolve();
  });
  return promise;
}
