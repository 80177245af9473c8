import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { hasCode } from '#shared/host-error.ts';
import type { Files } from '../ports/files.ts';

/** The one file that keeps the catalogue as it was last fetched; several processes share it. */
export interface ModelsCache {
  /** Undefined when there is none. */
  read(): Promise<{ readonly bytes: Uint8Array; readonly version: string } | undefined>;
  /** Changes whenever somebody wrote it. */
  version(): Promise<string | 'absent'>;
  /** Whole or not at all. `taken`: somebody else has written it since `expected`. */
  write(bytes: Uint8Array, expected: string | 'absent'): Promise<{ readonly version: string } | 'taken'>;
  /** Puts a damaged file beside its place, for whoever wants to look at it. Returns where. */
  setAside(): Promise<string>;
}

export interface ModelsCacheOptions {
  /** Its folder is made if need be, the folder of that must exist. A real path. */
  readonly path: string;
  readonly files: Files;
}

const compress = promisify(gzip);
const decompress = promisify(gunzip);
/** What unpacks to more is no catalogue. */
const longest = 64 * 1024 * 1024;

export function createModelsCache({ path, files }: ModelsCacheOptions): ModelsCache {
  const version = async () => (await files.inspect(path))?.version ?? 'absent';
  const packed = async () => {
    try {
      await using file = await files.open(path);
      return { bytes: await file.read(0, file.facts.size), version: file.facts.version };
    } catch (error) {
      if (hasCode(error, 'file.not-found')) return undefined;
      throw error;
    }
  };
  return {
    version,
    async read() {
      const found = await packed();
      return found && { ...found, bytes: await decompress(found.bytes, { maxOutputLength: longest }) };
    },
    async write(bytes, expected) {
      await files.makeDirectory(dirname(path), 0o700);
      try {
        return await files.replace(path, await compress(bytes), { expected, mode: 0o600 });
      } catch (error) {
        if (hasCode(error, 'file.changed') || hasCode(error, 'file.exists')) return 'taken';
        throw error;
      }
    },
    async setAside() {
      const aside = `${path}.damaged`;
      const found = await packed();
      if (!found) return aside;
      const older = await files.inspect(aside);
      await files.replace(aside, found.bytes, { expected: older?.version ?? 'absent', mode: 0o600 });
      await files.remove(path, found.version);
      return aside;
    },
  };
}

/** True for bytes that are not what was compressed: cut off, or changed. */
export function isTorn(error: unknown): boolean {
  return error instanceof Error && 'code' in error && tornCodes.test(String(error.code));
}

const tornCodes = /^(?:Z_|ERR__ERROR_|ERR_BUFFER_TOO_LARGE|ERR_BROTLI)/;
