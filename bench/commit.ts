import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageID, SessionID } from '#shared/ids.ts';
import { type BenchStore, createSession, openBenchStore } from './bench-store.ts';
import { contendersIn } from './contenders.ts';

/**
 * A prompt's commit, asked for on the main thread and acknowledged by the store's worker, against a bare append
 * and fdatasync of the same bytes: pairs in turn on the same disk, so that both see the same weather.
 */
export async function benchCommit({ pairs = 2500, rounds = 3 } = {}): Promise<CommitBench> {
  const folder = fs.mkdtempSync(join(tmpdir(), 'millrace-commit-'));
  try {
    const results: Round[] = [];
    for (let round = 0; round < rounds; round++) results.push(await measure(join(folder, `${round}`), pairs));
    const ratios = results.map(({ commit, bare }) => median(commit) / median(bare)).sort((a, b) => a - b);
    return { ratio: ratios[Math.floor(ratios.length / 2)] ?? Number.NaN, lines: results.flatMap(describe) };
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

export interface CommitBench {
  /** Median commit over median bare append and fdatasync: the median of the rounds. At most 2.0 is wanted. */
  readonly ratio: number;
  readonly lines: readonly string[];
}

/** Milliseconds of each sample. */
interface Round {
  readonly commit: readonly number[];
  readonly bare: readonly number[];
  /** The journal alone. */
  readonly journal: readonly number[];
  /** SQLite's own write-ahead log on the same disk. */
  readonly sqlite: readonly number[];
  readonly bytes: number;
}

async function measure(directory: string, pairs: number): Promise<Round> {
  fs.mkdirSync(directory);
  const sessionID = SessionID.make('ses_bench');
  await using store = await openBenchStore(join(directory, 'store'));
  await createSession(store, sessionID);
  const before = journalSize(join(directory, 'store'));
  await commitPrompt(store, sessionID, -warmUp - 1);
  const bytes = randomBytes(journalSize(join(directory, 'store')) - before);
  const text = bytes.toString('base64').slice(0, bytes.length);
  using contenders = new DisposableStack();
  const { journal, sqlite } = contendersIn(directory);
  contenders.use(journal);
  contenders.use(sqlite);
  const fd = fs.openSync(join(directory, 'bare.log'), 'w');
  const samples: Record<Kind, number[]> = { commit: [], bare: [], journal: [], sqlite: [] };
  try {
    for (let pair = -warmUp; pair < pairs; pair++) {
      const start = performance.now();
      await commitPrompt(store, sessionID, pair);
      const between = performance.now();
      fs.writeSync(fd, bytes, 0, bytes.length, (pair + warmUp) * bytes.length);
      fs.fdatasyncSync(fd);
      const end = performance.now();
      if (pair < 0) continue;
      samples.commit.push(between - start);
      samples.bare.push(end - between);
    }
    // By themselves: while they write, the store's thread falls asleep, and its next commit has to wake it.
    for (let pair = -warmUp; pair < pairs; pair++) {
      const start = performance.now();
      journal.keep(text);
      const kept = performance.now();
      sqlite.keep(text);
      const end = performance.now();
      if (pair < 0) continue;
      samples.journal.push(kept - start);
      samples.sqlite.push(end - kept);
    }
  } finally {
    fs.closeSync(fd);
  }
  return { ...samples, bytes: bytes.length };
}

type Kind = Exclude<keyof Round, 'bytes'>;

/** Enough for both threads' code to be compiled for good. */
const warmUp = 2000;
/** What a person types, with some code pasted in. */
const promptText = 'Rename greet to welcome, in every file, and say what changed. '.repeat(12);

async function commitPrompt(store: BenchStore, sessionID: SessionID, count: number): Promise<void> {
  const prompt = {
    id: MessageID.make(`msg_bench_${count}`),
    sessionID,
    text: promptText,
    delivery: 'queue' as const,
    agent: 'build',
    model: { providerID: 'bench', modelID: 'bench' },
    time: { created: 0 },
  };
  await store.commit([{ type: 'session.input.admitted', prompt }]);
}

/** Bytes of the records, without the zeros that the store writes ahead of them. */
function journalSize(directory: string): number {
  const segments = fs.readdirSync(directory).filter((name) => name.startsWith('journal-'));
  const ends = segments.map((name) =>
    fs.readFileSync(join(directory, name)).findLastIndex((byte) => byte !== 0),
  );
  return ends.reduce((sum, end) => sum + end + 1, 0);
}

function describe({ commit, bare, journal, sqlite, bytes }: Round): readonly string[] {
  const over = (samples: readonly number[], baseline: readonly number[], part: number) =>
    (quantile(samples, part) / quantile(baseline, part)).toFixed(2);
  const times = (samples: readonly number[]) =>
    `p50 ${milliseconds(median(samples))}, p99 ${milliseconds(quantile(samples, 0.99))}`;
  return [
    `${over(commit, bare, 0.5)} × at the median, ${over(commit, bare, 0.99)} × at p99: commit ${times(commit)}; bare append + fdatasync of the same ${bytes} bytes ${times(bare)} (${commit.length} in turn)`,
    `  the journal alone / bare: ${over(journal, bare, 0.5)} × (${times(journal)}); commit / SQLite (WAL, FULL) on the disk: ${over(commit, sqlite, 0.5)} × (${times(sqlite)})`,
  ];
}

function milliseconds(value: number): string {
  return `${value.toFixed(3)} ms`;
}

function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

function quantile(samples: readonly number[], part: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
