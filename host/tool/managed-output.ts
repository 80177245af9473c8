import { type PlatformPath, posix, win32 } from 'node:path';
import { HostError, hasCode } from '#shared/host-error.ts';
import { resolveReal } from '../location/roots.ts';
import type { Environment } from '../ports/environment.ts';
import type { FileSink, Files } from '../ports/files.ts';
import type { Log } from '../ports/log.ts';

export interface ManagedOutputOptions {
  /** `output/` in the storage folder; made when it is first needed, its parent must exist. */
  readonly directory: string;
  readonly files: Files;
  readonly environment: Pick<Environment, 'platform'>;
  readonly log: Log;
}

/** Whether the whole output is on the disk (TL-07: losing it does not make the call fail). */
export type KeptOutput = { readonly type: 'kept'; readonly path: string } | { readonly type: 'lost' };

/** One output that is kept while it comes. */
export interface OutputWriter {
  /** Never throws: after a failure the rest is dropped, and `finish` says so. */
  write(bytes: Uint8Array): Promise<void>;
  finish(): Promise<KeptOutput>;
}

/** Managed Tool Output Files: whole outputs that are too long for history, as plain text that only the user may read. */
export interface ManagedOutput {
  /** Keeps a whole output; on the disk when this resolves. */
  keep(callID: string, text: string): Promise<KeptOutput>;
  /** Keeps an output piece by piece; whoever begins must finish. */
  begin(callID: string): OutputWriter;
  /** Removes a kept output; what is not one, or not there, is left alone. */
  remove(path: string): Promise<void>;
  /**
   * Removes outputs that no fact came to name: those of earlier processes, last written before `before` (milliseconds
   * since the epoch), whose names are not among those of the `named` paths. One that cannot be removed holds no other
   * up; the first error is thrown at the end.
   */
  sweep(named: () => Promise<readonly string[]>, before: number): Promise<void>;
}

const unsafe = /[^\w-]+/g;
const maxNames = 1_000;
const longestName = 80;
/** What `openSink` names a file. */
const ownName = /^[\w-]{1,85}\.txt$/;
const maxListed = 1_000_000;

export function createManagedOutput(options: ManagedOutputOptions): ManagedOutput {
  const mine = new Set<string>();
  const begin = (callID: string): OutputWriter => {
    let sink: Promise<OpenSink> | undefined;
    let failed = false;
    const attempt = async (work: (sink: OpenSink) => PromiseLike<void>) => {
      if (failed) return;
      try {
        sink ??= openSink(callID, { ...options, mine });
        await work(await sink);
      } catch (error) {
        failed = true;
        options.log.error('tool output could not be kept', error, { callID });
      }
    };
    return {
      write: (bytes) => attempt(({ file }) => file.write(bytes)),
      finish: async () => {
        await attempt(({ file }) => file[Symbol.asyncDispose]());
        const opened = failed ? undefined : await sink;
        return opened === undefined ? { type: 'lost' } : { type: 'kept', path: opened.path };
      },
    };
  };
  return {
    begin,
    remove: async (path) => {
      const folder = await outputFolder(options);
      const paths = pathsOf(options);
      if (paths.dirname(path) === folder.path) await options.files.remove(path);
    },
    sweep: (named, before) => sweepFolder(named, before, { ...options, mine }),
    keep: async (callID, text) => {
      const writer = begin(callID);
      await writer.write(Buffer.from(text));
      return writer.finish();
    },
  };
}

function pathsOf({ environment }: ManagedOutputOptions): PlatformPath {
  return environment.platform === 'win32' ? win32 : posix;
}

async function outputFolder(options: ManagedOutputOptions) {
  const { directory, files } = options;
  const folder = await resolveReal(directory, { files, paths: pathsOf(options) });
  if (folder === undefined) throw new HostError('file.not-found', `${directory} cannot be used.`);
  return folder;
}

async function sweepFolder(
  named: () => Promise<readonly string[]>,
  before: number,
  { mine, ...options }: SinkOptions,
): Promise<void> {
  const { files } = options;
  const folder = await outputFolder(options);
  if (!folder.exists) return;
  const { signal } = new AbortController();
  const { entries } = await files.list(folder.path, { limit: maxListed, signal });
  const ours = entries.filter(({ name, type }) => type === 'file' && ownName.test(name) && !mine.has(name));
  if (ours.length === 0) return;
  // By name: the folder may have been moved since the facts were written.
  const needed = new Set((await named()).map((path) => win32.basename(path)));
  const errors: unknown[] = [];
  for (const { name } of ours.filter((each) => !needed.has(each.name))) {
    const removing = removeOlder(pathsOf(options).join(folder.path, name), before, files);
    await removing.catch((error: unknown) => errors.push(error));
  }
  if (errors.length > 0) throw errors[0];
}

async function removeOlder(path: string, before: number, files: Files): Promise<void> {
  const facts = await files.inspect(path);
  if (facts && facts.modified < before) await files.remove(path, facts.version);
}

interface OpenSink {
  readonly path: string;
  readonly file: FileSink;
}

interface SinkOptions extends ManagedOutputOptions {
  /** Names of the files that this process has made. */
  readonly mine: Set<string>;
}

/** Call ids are the provider's and may come again: the first free name is taken, nothing is ever overwritten. */
async function openSink(callID: string, options: SinkOptions): Promise<OpenSink> {
  const { files } = options;
  const paths = pathsOf(options);
  const folder = await outputFolder(options);
  if (!folder.exists) await files.makeDirectory(folder.path, 0o700);
  const name = callID.replace(unsafe, '-').slice(0, longestName) || 'call';
  for (let copy = 1; copy <= maxNames; copy++) {
    const file = `${name}${copy === 1 ? '' : `-${copy}`}.txt`;
    const path = paths.join(folder.path, file);
    // Before it is there: no sweep may find it and not know whose it is.
    options.mine.add(file);
    try {
      return { path, file: await files.create(path, 0o600) };
    } catch (error) {
      if (!hasCode(error, 'file.exists')) throw error;
    }
  }
  throw new HostError('file.exists', `${folder.path} holds too many outputs of calls named ${name}.`);
}
