import { crc32 } from 'node:zlib';
import type { Disk } from './disk.ts';

/**
 * Where a snapshot puts the bodies that had been in the journal: one file per owner of bytes (a session),
 * `bodies/<shelf>.log`, which only grows until it is erased as a whole.
 *
 *     frame   len u32 | crc u32 | the body's JSON
 *
 * A crash in between leaves bytes that nothing points to. An overruled owner that wakes up can only add at the end,
 * and takes its bytes out again: the shelf may have been erased meanwhile.
 */
export interface ShelfPlace {
  readonly shelf: string;
  readonly offset: number;
  /** Of the body, without the frame's head. */
  readonly length: number;
  readonly crc: number;
}

export function isShelfName(name: unknown): name is string {
  return typeof name === 'string' && shelfName.test(name);
}

/** A pointer `#shelf:offset:length:crc` read, or undefined for anything else. */
export function shelfPlace(column: string): ShelfPlace | undefined {
  const [, shelf, offset, length, crc] = pointer.exec(column) ?? [];
  if (shelf === undefined) return undefined;
  return { shelf, offset: Number(offset), length: Number(length), crc: Number(crc) };
}

/** What every pointer into a shelf begins with. */
export function pointerPrefix(shelf: string): string {
  return `#${shelf}:`;
}

/** The bytes at a place; undefined when they are not those that were put there. Throws Node's errors. */
export function readShelf(disk: Disk, { shelf, offset, length, crc }: ShelfPlace): Uint8Array | undefined {
  const frame = Buffer.from(disk.readPart(shelfFile(shelf), { offset, length: headSize + length }));
  if (frame.length !== headSize + length || frame.readUInt32LE(0) !== length) return undefined;
  const body = frame.subarray(headSize);
  return frame.readUInt32LE(4) === crc && checksum(shelf, body) === crc ? body : undefined;
}

/** The writing end of the shelves. */
export class Shelves {
  readonly #disk: Disk;
  readonly #checkOwner: () => void;
  #isFolderDurable = false;

  /** @param checkOwner throws when this is not the owner of the folder any more. */
  constructor(disk: Disk, checkOwner: () => void) {
    this.#disk = disk;
    this.#checkOwner = checkOwner;
  }

  /**
   * Adds bodies to their shelves. They and their files' names are durable when this returns.
   * @returns the pointers to them, in order. Throws Node's errors; then bytes may be left that nothing points to.
   */
  put(bodies: readonly ShelvedBody[]): readonly string[] {
    if (bodies.length === 0) return [];
    this.#makeFolder();
    const pointers = new Map<ShelvedBody, string>();
    for (const [shelf, its] of Map.groupBy(bodies, (each) => each.shelf)) {
      for (const [body, pointer] of this.#append(shelf, its)) pointers.set(body, pointer);
    }
    // Always: one who was killed, or whose sync failed, may have left a name that is not durable.
    this.#disk.syncFolder(folder);
    return bodies.map((body) => pointers.get(body) ?? '');
  }

  #append(shelf: string, bodies: readonly ShelvedBody[]): readonly (readonly [ShelvedBody, string])[] {
    const file = shelfFile(shelf);
    const frames = bodies.map(({ bytes }) => encodeFrame(shelf, bytes));
    const bytes = Buffer.concat(frames);
    this.#checkOwner();
    let offset = appendAlone(this.#disk, file, bytes);
    this.#disk.sync(file);
    this.#keepIfOwner(file, { offset, bytes });
    return bodies.map((body, index) => {
      const place = [shelf, offset, body.bytes.length, frames[index]?.readUInt32LE(4) ?? 0];
      offset += headSize + body.bytes.length;
      return [body, `#${place.join(':')}`] as const;
    });
  }

  /** It may have stood still right before it added: zeros hurt nobody, whatever the new owner has put behind them. */
  #keepIfOwner(file: string, { offset, bytes }: { readonly offset: number; readonly bytes: Buffer }): void {
    try {
      this.#checkOwner();
    } catch (error) {
      const part = { offset, length: bytes.length };
      if (bytes.equals(this.#disk.readPart(file, part))) this.#disk.wipe(file, part);
      throw error;
    }
  }

  #makeFolder(): void {
    if (this.#isFolderDurable) return;
    this.#disk.makeFolder(folder);
    this.#disk.syncFolder('.');
    this.#isFolderDurable = true;
  }
}

export interface ShelvedBody {
  readonly shelf: string;
  /** The body's JSON. */
  readonly bytes: Buffer;
}

/** Removes a shelf, if there is one. Durable after the folder's sync. */
export function removeShelf(disk: Disk, shelf: string): void {
  if (!disk.list(folder).includes(fileName(shelf))) return;
  disk.remove(shelfFile(shelf));
  disk.syncFolder(folder);
}

const folder = 'bodies';
const headSize = 8;
const shelfName = /^\w{1,128}$/;
const pointer = /^#(\w{1,128}):(\d+):(\d+):(\d+)$/;

function fileName(shelf: string): string {
  return `${shelf}.log`;
}

function shelfFile(shelf: string): string {
  return `${folder}/${fileName(shelf)}`;
}

function encodeFrame(shelf: string, body: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(headSize + body.length);
  frame.writeUInt32LE(body.length, 0);
  frame.writeUInt32LE(checksum(shelf, body), 4);
  body.copy(frame, headSize);
  return frame;
}

/** A frame of another shelf never passes. */
function checksum(shelf: string, body: Buffer): number {
  return crc32(body, (crc32(shelf) ^ body.length) >>> 0);
}

/** Where the bytes stand is only known once they were seen there: an overruled owner may add to the file as well. */
function appendAlone(disk: Disk, file: string, bytes: Buffer): number {
  for (let attempt = 0; attempt < 3; attempt++) {
    const offset = disk.append(file, bytes);
    if (bytes.equals(disk.readPart(file, { offset, length: bytes.length }))) return offset;
  }
  throw Object.assign(new Error(`${file} does not read back.`), { code: 'EIO', syscall: 'read' });
}
