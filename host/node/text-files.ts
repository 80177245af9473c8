import { readFile, realpath, stat } from 'node:fs/promises';
import type { TextFiles } from '../ports/text-files.ts';

/** Text files of the local disk. */
export const nodeTextFiles: TextFiles = {
  async read(path) {
    try {
      const text = await readFile(path, 'utf8');
      return text.startsWith('\uFEFF') ? text.slice(1) : text;
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  },
  async stamp(path) {
    try {
      const { mtimeNs, size, ino } = await stat(path, { bigint: true });
      return `${ino}:${size}:${mtimeNs}`;
    } catch (error) {
      return isAbsent(error) ? 'absent' : `unreadable:${codeOf(error)}`;
    }
  },
  async realPath(path) {
    try {
      return await realpath(path);
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  },
};

function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
