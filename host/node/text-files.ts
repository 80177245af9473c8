import { constants } from 'node:fs';
import { type FileHandle, lstat, open, realpath, stat } from 'node:fs/promises';
import { HostError } from '#shared/host-error.ts';
import { maxTextBytes, type TextFiles } from '../ports/text-files.ts';

/** Text files of the local disk. */
export const nodeTextFiles: TextFiles = {
  async read(path, maxBytes = maxTextBytes) {
    try {
      // Opening a FIFO would wait for its writer.
      await using file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
      const text = (await readBounded(file, maxBytes)).toString('utf8');
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
  async isForeign(path) {
    const users = ownUsers();
    if (users === undefined) return false;
    // What cannot be looked at cannot be read either, and the reading says why.
    const found = await Promise.all([stat(path), lstat(path)]).catch(() => undefined);
    if (found === undefined) return false;
    const [target, link] = found;
    // Whoever made a link to a file chose what is read by it; a folder is one's own by itself.
    const owners = target.isDirectory() ? [target.uid] : [target.uid, link.uid];
    return owners.some((owner) => !users.includes(owner));
  },
};

/** The user of this process, and for root the one who became root by sudo. Undefined on Windows. */
function ownUsers(): readonly number[] | undefined {
  const user = process.geteuid?.();
  if (user === undefined) return undefined;
  const sudo = process.env['SUDO_UID'] ?? '';
  return user === 0 && number.test(sudo) ? [user, Number(sudo)] : [user];
}

const number = /^\d+$/;

/** The size that is told may lie (files of /proc), so the read is bounded by itself. */
async function readBounded(file: FileHandle, maxBytes: number): Promise<Buffer> {
  const facts = await file.stat();
  if (!facts.isFile()) throw new HostError('text.not-regular', 'it is not a regular file');
  if (facts.size > maxBytes) throw tooLarge(maxBytes);
  const pieces: Buffer[] = [];
  for (let total = 0; ; ) {
    const piece = Buffer.alloc(Math.min(65_536, maxBytes - total + 1));
    const { bytesRead } = await file.read(piece, 0, piece.length, total);
    if (bytesRead === 0) return Buffer.concat(pieces);
    pieces.push(piece.subarray(0, bytesRead));
    total += bytesRead;
    if (total > maxBytes) throw tooLarge(maxBytes);
  }
}

function tooLarge(maxBytes: number): HostError {
  return new HostError('text.too-large', `it is larger than ${maxBytes} bytes`);
}

/** Nothing can stand under a name that is too long or no name at all, nor behind a link that leads to itself. */
function isAbsent(error: unknown): boolean {
  return absentCodes.has(codeOf(error));
}

const absentCodes = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE']);

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
