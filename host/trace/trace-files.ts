import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import * as Schema from 'effect/Schema';
import { hasCode } from '#shared/host-error.ts';
import type { MessageID, SessionID } from '#shared/ids.ts';
import type { Files } from '../ports/files.ts';
import { TurnTrace } from './turn-trace.ts';

/** Kept turn traces: one compressed file each, the newest only, readable by this user alone. */
export interface TraceFiles {
  keep(trace: TurnTrace): Promise<void>;
  /** Undefined when it is not kept, or not in a form that this version reads. */
  load(sessionID: SessionID, messageID: MessageID): Promise<TurnTrace | undefined>;
  /** Removes the traces of a session. */
  forget(sessionID: SessionID): Promise<void>;
}

export interface TraceFilesOptions {
  /** `traces/` in the storage folder; made when it is first needed, its parent must exist. A real path. */
  readonly directory: string;
  readonly files: Files;
  /** The newest that are kept: 200 files and 64 MiB by default. */
  readonly most?: { readonly files: number; readonly bytes: number };
}

const compress = promisify(gzip);
const decompress = promisify(gunzip);
const decodeTrace = Schema.decodeUnknownOption(TurnTrace);
/** A trace that unpacks to more was not made by us. */
const longestTrace = 256 * 1024 * 1024;

export function createTraceFiles(options: TraceFilesOptions): TraceFiles {
  const { directory, files, most = { files: 200, bytes: 64 * 1024 * 1024 } } = options;
  // One after the other: two that tidy up at once would count what the other removes.
  let last: Promise<void> = Promise.resolve();
  const inTurn = (work: () => Promise<void>) => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
  /** Surfaces bring ids of their own, and a name must not lead elsewhere: such a turn has no trace. */
  const pathOf = (sessionID: SessionID, messageID: MessageID): string | undefined => {
    const name = `${sessionID}.${messageID}.json.gz`;
    return tracePattern.test(name) ? join(directory, name) : undefined;
  };
  const names = async () => {
    if ((await files.inspect(directory)) === undefined) return [];
    const { signal } = new AbortController();
    const { entries } = await files.list(directory, { limit: 10_000, signal });
    return entries.map(({ name }) => name).filter((name) => tracePattern.test(name));
  };
  const read = async (path: string): Promise<TurnTrace | undefined> => {
    const bytes = await readWhole(files, path);
    if (bytes === undefined) return undefined;
    const decoded = decodeTrace(await unpack(bytes));
    return decoded._tag === 'Some' ? decoded.value : undefined;
  };
  /** Bytes of each file, the oldest first: looked at once, since nobody else writes here. */
  let kept: Map<string, number> | undefined;
  const look = async () => {
    const found = await Promise.all(
      (await names()).map(async (name) => ({ name, facts: await files.inspect(join(directory, name)) })),
    );
    const oldest = found.toSorted((a, b) => (a.facts?.modified ?? 0) - (b.facts?.modified ?? 0));
    return new Map(oldest.map(({ name, facts }) => [name, facts?.size ?? 0]));
  };
  const tidy = async (newest: string, size: number) => {
    kept ??= await look();
    kept.delete(newest);
    kept.set(newest, size);
    let bytes = [...kept.values()].reduce((sum, each) => sum + each, 0);
    for (const [name, each] of kept) {
      if (kept.size <= most.files && bytes <= most.bytes) return;
      await files.remove(join(directory, name));
      kept.delete(name);
      bytes -= each;
    }
  };
  return {
    keep: (trace) =>
      inTurn(async () => {
        const path = pathOf(trace.sessionID, trace.messageID);
        if (path === undefined) return;
        const earlier = await read(path);
        const bytes = await compress(JSON.stringify(earlier ? continued(earlier, trace) : trace));
        await files.makeDirectory(directory, 0o700);
        await files.remove(path);
        await using sink = await files.create(path, 0o600);
        await sink.write(bytes);
        await tidy(basename(path), bytes.length);
      }),
    async load(sessionID, messageID) {
      await last;
      const path = pathOf(sessionID, messageID);
      return path === undefined ? undefined : read(path);
    },
    forget: (sessionID) =>
      inTurn(async () => {
        for (const name of await names()) {
          if (!name.startsWith(`${sessionID}.`)) continue;
          await files.remove(join(directory, name));
          kept?.delete(name);
        }
      }),
  };
}

/** A turn that waited for an answer and was taken up again, perhaps after a restart: one turn, one trace. */
function continued(earlier: TurnTrace, later: TurnTrace): TurnTrace {
  const shift = later.started - earlier.started;
  const entries = later.entries.map((entry) => ({ ...entry, at: entry.at + shift }));
  return { ...earlier, request: earlier.request ?? later.request, entries: [...earlier.entries, ...entries] };
}

const tracePattern = /^ses_[\w-]+\.msg_[\w-]+\.json\.gz$/;

/** What a file holds; a file that a crash cut off holds nothing. */
async function unpack(bytes: Uint8Array): Promise<unknown> {
  try {
    return JSON.parse((await decompress(bytes, { maxOutputLength: longestTrace })).toString('utf8'));
  } catch (error) {
    const isTorn = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
    if (isTorn || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function readWhole(files: Files, path: string): Promise<Uint8Array | undefined> {
  try {
    await using file = await files.open(path);
    return await file.read(0, file.facts.size);
  } catch (error) {
    if (hasCode(error, 'file.not-found')) return undefined;
    throw error;
  }
}
