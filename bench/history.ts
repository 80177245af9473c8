import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readHistory } from '#host/session/history/read-history.ts';
import { MessageID, PartID, SessionID } from '#shared/ids.ts';
import { noTokens } from '#shared/message.ts';
import { type BenchStore, createSession, openBenchStore } from './bench-store.ts';

/**
 * Session History of a session of 5,000 messages as a provider turn reads it, against parsing the same bytes of JSON
 * and cloning what comes of it, which is what objects between threads cost; and against handing the bytes over as text
 * and parsing them, which no way of keeping them could avoid.
 */
export async function benchHistory({ messages = 5000, rounds = 25 } = {}): Promise<readonly string[]> {
  const folder = fs.mkdtempSync(join(tmpdir(), 'millrace-history-'));
  try {
    const sessionID = SessionID.make('ses_bench');
    await using store = await openBenchStore(folder);
    await createSession(store, sessionID);
    for (let first = 0; first < messages; first += 100) await addMessages(store, sessionID, first);
    const history = await readHistory(store, sessionID);
    const bytes = JSON.stringify(history);
    const read: number[] = [];
    const cloned: number[] = [];
    const parsed: number[] = [];
    for (let round = 0; round < rounds; round++) {
      read.push(await timed(() => readHistory(store, sessionID)));
      cloned.push(await timed(() => structuredClone(JSON.parse(bytes))));
      parsed.push(await timed(() => JSON.parse(structuredClone(bytes))));
    }
    const kibibytes = (bytes.length / 1024).toFixed(0);
    return [
      `\nSession History of ${history.length} messages (${kibibytes} KiB) / parsing and cloning its JSON: ${ratio(read, cloned)}`,
      `  ${inMs(read)}, ${inMs(cloned)} (20 ms are wanted)`,
      `  / cloning its JSON and parsing it: ${ratio(read, parsed)} (${inMs(parsed)})`,
    ];
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** Milliseconds. */
async function timed(act: () => unknown): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

/** A hundred messages: a prompt and an answer in turn, of ordinary length. */
async function addMessages(store: BenchStore, sessionID: SessionID, first: number): Promise<void> {
  const base = { sessionID, agent: 'build', time: { created: first, completed: first } };
  const model = { providerID: 'bench', modelID: 'bench' };
  await store.commit(
    Array.from({ length: 100 }, (_, index) => {
      const number = first + index;
      const id = MessageID.make(`msg_${number}`);
      const { time, ...common } = base;
      const info =
        index % 2 === 0
          ? { ...common, id, role: 'user' as const, model, time: { created: time.created } }
          : {
              ...common,
              ...model,
              id,
              role: 'assistant' as const,
              parentID: MessageID.make(`msg_${number - 1}`),
              mode: 'build',
              path: { cwd: '/bench', root: '/bench' },
              cost: 0,
              tokens: noTokens,
              time,
            };
      const text = {
        sessionID,
        messageID: id,
        type: 'text' as const,
        text: sentence.repeat(1 + (number % 6)),
      };
      return {
        type: 'session.message.copied' as const,
        info,
        parts: [{ ...text, id: PartID.make(`prt_${number}`) }],
      };
    }),
  );
}

const sentence = 'The test raced the redirect, so it waits for the cookie now. ';

function ratio(values: readonly number[], baseline: readonly number[]): string {
  return (medianOf(values) / medianOf(baseline)).toFixed(2);
}

/** The median, and the fastest: what the machine's other work has least to do with. */
function inMs(values: readonly number[]): string {
  return `${medianOf(values).toFixed(1)} ms (at best ${Math.min(...values).toFixed(1)})`;
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
