import { join } from 'node:path';
import * as Schema from 'effect/Schema';
import { hasCode } from '#shared/host-error.ts';
import { isLoopback } from '../../llm/local/loopback.ts';
import type { Files } from '../../ports/files.ts';
import type { Log } from '../../ports/log.ts';
import type { TextFiles } from '../../ports/text-files.ts';
import { KnownServer, type KnownServers, withOthers } from './known-servers.ts';

/** The one file that remembers which local servers answered; several processes share it. */
export interface ServersFile {
  /** Nothing where there is no file, or none that can be read: it is made anew by the next look. */
  read(): Promise<KnownServers>;
  /** Whole or not at all, joined with what others have learned meanwhile. Returns what is in it then. */
  write(servers: KnownServers): Promise<KnownServers>;
}

export interface ServersFileOptions {
  readonly folder: string;
  /** Makes the folder if need be, and gives its real path. */
  readonly makeFolder: () => Promise<string>;
  readonly files: Files;
  readonly textFiles: TextFiles;
  readonly log: Log;
}

const name = 'local-servers.json';
/** More than the servers that are kept can take. */
const maxBytes = 4 * 1024 * 1024;

const Content = Schema.Struct({
  format: Schema.Literal('millrace-local-servers'),
  version: Schema.Literal(1),
  servers: Schema.Array(KnownServer),
});
const decodeContent = Schema.decodeUnknownResult(Schema.fromJsonString(Content));

export function createServersFile(options: ServersFileOptions): ServersFile {
  const { folder, makeFolder, files, textFiles, log } = options;
  const read = async (): Promise<KnownServers> => {
    const text = await textOf(join(folder, name), textFiles);
    if (text === undefined) return [];
    const decoded = decodeContent(text);
    if (decoded._tag === 'Success')
      return decoded.success.servers.filter(({ baseURL }) => isLoopback(baseURL));
    log.warn('The list of local servers was damaged, and is made anew', { path: join(folder, name) });
    return [];
  };
  const writeOnce = async (servers: KnownServers): Promise<KnownServers> => {
    const path = join(await makeFolder(), name);
    const version = (await files.inspect(path))?.version ?? 'absent';
    const before = await read();
    const joined = withOthers(servers, before);
    if (JSON.stringify(joined) === JSON.stringify(before)) return joined;
    const text = JSON.stringify({ format: 'millrace-local-servers', version: 1, servers: joined });
    await files.replace(path, Buffer.from(text), { expected: version, mode: 0o600 });
    return joined;
  };
  return {
    read,
    async write(servers) {
      try {
        return await writeOnce(servers);
      } catch (error) {
        if (!hasCode(error, 'file.changed') && !hasCode(error, 'file.exists')) throw error;
        // Another window was just writing what it found: once more, with that.
        return writeOnce(servers);
      }
    },
  };
}

/** Nothing that anybody could decode, where it is too large to be such a list. */
async function textOf(path: string, textFiles: TextFiles): Promise<string | undefined> {
  try {
    return await textFiles.read(path, maxBytes);
  } catch (error) {
    if (hasCode(error, 'text.too-large')) return '';
    throw error;
  }
}
