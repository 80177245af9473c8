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
}

const unsafe = /[^\w-]+/g;
const maxNames = 1_000;

export function createManagedOutput(options: ManagedOutputOptions): ManagedOutput {
  const begin = (callID: string): OutputWriter => {
    let sink: Promise<OpenSink> | undefined;
    let failed = false;
    const attempt = async (work: (sink: OpenSink) => PromiseLike<void>) => {
      if (failed) return;
      try {
        sink ??= openSink(callID, options);
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

interface OpenSink {
  readonly path: string;
  readonly file: FileSink;
}

/** Call ids are the provider's and may come again: the first free name is taken, nothing is ever overwritten. */
async function openSink(callID: string, options: ManagedOutputOptions): Promise<OpenSink> {
  const { files } = options;
  const paths = pathsOf(options);
  const folder = await outputFolder(options);
  if (!folder.exists) await files.makeDirectory(folder.path, 0o700);
  const name = callID.replace(unsafe, '-').slice(0, 80) || 'call';
  for (let copy = 1; copy <= maxNames; copy++) {
    const path = paths.join(folder.path, `${name}${copy === 1 ? '' : `-${copy}`}.txt`);
    try {
      return { path, file: await files.create(path, 0o600) };
    } catch (error) {
      if (!hasCode(error, 'file.exists')) throw error;
    }
  }
  throw new HostError('file.exists', `${folder.path} holds too many outputs of calls named ${name}.`);
}
