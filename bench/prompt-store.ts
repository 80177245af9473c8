import * as fs from 'node:fs';
import { join } from 'node:path';
import type { SnapshotPolicy } from '#host/store/snapshot-policy.ts';
import { MessageID, SessionID } from '#shared/ids.ts';
import { type BenchStore, createSession, openBenchStore } from './bench-store.ts';

const benchSession = SessionID.make('ses_bench');

/** What a person types, with some code pasted in. */
export const promptText = 'Rename greet to welcome, in every file, and say what changed. '.repeat(12);

/** No snapshot, unless a bench is about them. */
export const noSnapshots: Partial<SnapshotPolicy> = {
  bytes: 1e12,
  records: 1e12,
  worthBytes: 1e12,
  worthRecords: 1e12,
};

/** A new store with one session, to commit prompts to. */
export async function openPrompts(directory: string, policy = noSnapshots): Promise<BenchStore> {
  const store = await openBenchStore(directory, policy);
  await createSession(store, benchSession);
  return store;
}

/** @returns bytes of the JSON that was to be kept. */
async function commitPrompt(store: BenchStore, count: number, text = promptText): Promise<number> {
  const prompt = {
    id: MessageID.make(`msg_bench_${count}`),
    sessionID: benchSession,
    text,
    delivery: 'queue' as const,
    agent: 'build',
    model: { providerID: 'bench', modelID: 'bench' },
    time: { created: 0 },
  };
  const events = [{ type: 'session.input.admitted' as const, prompt }];
  await store.commit(events);
  return Buffer.byteLength(JSON.stringify(events));
}

/** Commits that many prompts, `width` of them under way at a time; returns the bytes of their JSON. */
export async function commitMany(
  store: BenchStore,
  { first, count, width, text = promptText }: { first: number; count: number; width: number; text?: string },
): Promise<number> {
  let next = first;
  let bytes = 0;
  const commit = async (): Promise<void> => {
    while (next < first + count) {
      next += 1;
      const length = await commitPrompt(store, next, text);
      bytes += length;
    }
  };
  await Promise.all(Array.from({ length: width }, commit));
  return bytes;
}

/** Bytes of the records, without the zeros that the store writes ahead of them. */
export function journalBytes(directory: string): number {
  const segments = fs.readdirSync(directory).filter((name) => name.startsWith('journal-'));
  const ends = segments.map((name) =>
    fs.readFileSync(join(directory, name)).findLastIndex((byte) => byte !== 0),
  );
  return ends.reduce((sum, end) => sum + end + 1, 0);
}

export function quantile(samples: readonly number[], part: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
