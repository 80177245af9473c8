import { cpSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { permissionProjection } from '#host/permission/permission-projection.ts';
import { sessionProjection } from '#host/session/session-projection.ts';
import { openDisk } from '#host/store/disk.ts';
import { Engine } from '#host/store/engine.ts';
import type { SnapshotPolicy } from '#host/store/snapshot-policy.ts';
import { loadSql, type Sql } from '#host/store/sql.ts';
import { readOnly } from '#host/store/state.ts';
import { storeFiles } from '#host/store/store-files.ts';
import { openBenchStore } from './bench-store.ts';
import { commitMany, noSnapshots, openPrompts, promptText, quantile } from './prompt-store.ts';

/**
 * Opening a store from its snapshot, against reading that file (figure 7); records per second of a journal without
 * one (figure 8); a whole store in its thread, against an empty one (figure 9).
 */
export async function benchOpening(folder: string, records = 27_000): Promise<readonly string[]> {
  const journalOnly = join(folder, 'journal-only');
  const snapshotted = join(folder, 'snapshotted');
  await fill(journalOnly, records);
  cpSync(journalOnly, snapshotted, { recursive: true });
  await openAndClose(snapshotted, { worthRecords: 1 });
  const snapshot = join(snapshotted, readdirSync(snapshotted).find((name) => name.endsWith('.bin')) ?? '');
  const megabytes = statSync(snapshot).size / 1024 / 1024;
  const sql = await loadSql(storeFiles().wasmUrl);
  const read = await least(() => readFileSync(snapshot));
  const open = await least(() => openIndex(sql, snapshotted));
  const replay = await least(() => openIndex(sql, journalOnly), 2);
  const crc = (await least(() => crc32(readFileSync(snapshot)))) - read;
  const whole = await least(() => openBuilt(snapshotted));
  const empty = await least(() => openBuilt(join(folder, 'empty')));
  for (const directory of [journalOnly, snapshotted]) rmSync(directory, { recursive: true });
  return [
    '',
    `Opening from a snapshot of ${megabytes.toFixed(0)} MB / reading its file: ${(open / read).toFixed(2)} (1.4 at most is wanted)`,
    `  ${open.toFixed(1)} and ${read.toFixed(1)} ms, of which its checksum takes ${crc.toFixed(1)} ms`,
    `Replay of ${records} records without a snapshot / opening from one: ${(replay / open).toFixed(1)}`,
    `  ${((records / replay) * 1000).toFixed(0)} records/s (20 000 are wanted)`,
    `Opening and closing that store in its thread / an empty one: ${(whole / empty).toFixed(2)}`,
    `  ${whole.toFixed(0)} and ${empty.toFixed(0)} ms (300 ms at most are wanted)`,
  ];
}

async function fill(directory: string, records: number): Promise<void> {
  await using store = await openPrompts(directory, noSnapshots);
  // Just short enough to stay in the index.
  await commitMany(store, {
    first: 0,
    count: records,
    width: 256,
    text: promptText.repeat(3).slice(0, 1700),
  });
}

function openIndex(sql: Sql, directory: string): void {
  const engine = new Engine({
    sql,
    disk: openDisk(directory),
    projections: [sessionProjection, permissionProjection],
    owner: { type: 'none', state: readOnly('store.reading') },
    events: { notify: () => undefined, stateChanged: () => undefined, defect: fail },
    bootID: '',
  });
  engine.close();
}

function fail(error: unknown): never {
  throw error;
}

async function openAndClose(directory: string, policy: Partial<SnapshotPolicy>): Promise<void> {
  await using _ = await openBenchStore(directory, policy);
}

/** As users run it: their editor loads `dist/`. */
async function openBuilt(directory: string): Promise<void> {
  await using _ = await openBenchStore(directory, noSnapshots, built);
}

const built = storeFiles(new URL('../dist/host.js', import.meta.url).href);

/** Milliseconds of the fastest of a few runs: the disk's cache is warm. */
async function least(run: () => unknown, rounds = 5): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  return quantile(times, 0);
}
