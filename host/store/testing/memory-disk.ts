import type { Disk, DiskFile } from '../disk.ts';

/** An error as Node's file system throws it. */
export function diskError(code: string, syscall: string): Error {
  return Object.assign(new Error(`${code}: ${syscall}`), { code, syscall });
}

interface Inode {
  /** As programs see it. */
  bytes: Buffer;
  /** As it is on the platter. */
  synced: Buffer;
  /** What happened since: a write, or a cut. */
  pending: Change[];
}
type Change =
  | { readonly type: 'write'; readonly offset: number; readonly bytes: Buffer }
  | { readonly type: 'cut'; readonly size: number };

type Entry = (names: Map<string, Inode>) => void;

/** How a power cut treats what was not synced. */
export type Cut = {
  /** A number in [0, 1), the next one at each call. */
  readonly random: () => number;
  /** Directory changes: an arbitrary set of them survives, or all up to one. */
  readonly entries: 'prefix' | 'subset';
};

/**
 * A disk in memory that knows what is synced and what is not, down to the names in its folders. Killing a
 * process leaves everything that was written; `powerCut` gives one of the disks that may be found after a
 * power failure.
 */
export class MemoryDisk implements Disk {
  #names: Map<string, Inode>;
  #synced: Map<string, Inode>;
  #pending: { readonly folders: readonly string[]; readonly apply: Entry }[] = [];
  /** Calls of each kind, for assertions. */
  readonly calls = { write: 0, sync: 0, create: 0, rename: 0, remove: 0, truncate: 0, folder: 0 };
  /** Bytes that fit on it; a write over that leaves what did fit and fails with `ENOSPC`. */
  capacity = Number.MAX_SAFE_INTEGER;
  /** What `freeBytes` says: too little for a reserve, which would be a megabyte on each of thousands of disks. */
  free = 0;

  constructor(files: ReadonlyMap<string, Buffer> = new Map()) {
    this.#names = new Map(
      [...files].map(([name, bytes]) => [
        name,
        { bytes: Buffer.from(bytes), synced: Buffer.from(bytes), pending: [] },
      ]),
    );
    this.#synced = new Map(this.#names);
  }

  /** Names with their bytes. */
  get files(): ReadonlyMap<string, Buffer> {
    return new Map([...this.#names].map(([name, { bytes }]) => [name, Buffer.from(bytes)]));
  }

  /** The same files, all of them synced: what a copy of the folder is, or a folder much later. */
  copy(change?: { readonly file: string; readonly bytes: Buffer }): MemoryDisk {
    const files = new Map(this.files);
    if (change !== undefined) files.set(change.file, change.bytes);
    return new MemoryDisk(files);
  }

  list(folder: string): readonly string[] {
    const prefix = folder === '.' ? '' : `${folder}/`;
    return [...this.#names.keys()]
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length))
      .filter((name) => !name.includes('/'))
      .sort();
  }

  read(file: string): Uint8Array {
    return Buffer.from(this.#inode(file).bytes);
  }

  readPart(
    file: string,
    { offset, length }: { readonly offset: number; readonly length: number },
  ): Uint8Array {
    return Buffer.from(this.#inode(file).bytes.subarray(offset, offset + length));
  }

  create(file: string): DiskFile {
    this.calls.create += 1;
    if (this.#names.has(file)) throw diskError('EEXIST', 'open');
    const inode: Inode = { bytes: Buffer.alloc(0), synced: Buffer.alloc(0), pending: [] };
    this.#change([file], (names) => names.set(file, inode));
    return {
      write: (bytes, offset) => {
        this.calls.write += 1;
        this.#write(inode, offset, bytes);
      },
      sync: () => this.#sync(inode),
      cut: (size) => applyChange(inode, { type: 'cut', size }),
      close: () => undefined,
    };
  }

  append(file: string, bytes: Uint8Array): number {
    if (!this.#names.has(file)) this.create(file);
    this.calls.write += 1;
    const inode = this.#inode(file);
    const offset = inode.bytes.length;
    this.#write(inode, offset, bytes);
    return offset;
  }

  rename(from: string, to: string): void {
    this.calls.rename += 1;
    const inode = this.#inode(from);
    this.#change([from, to], (names) => {
      // Only the one who holds this very file under the old name loses it.
      if (names.get(from) === inode) names.delete(from);
      names.set(to, inode);
    });
  }

  remove(file: string): void {
    this.calls.remove += 1;
    const inode = this.#inode(file);
    this.#change([file], (names) => {
      if (names.get(file) === inode) names.delete(file);
    });
  }

  truncate(file: string, size: number): void {
    this.calls.truncate += 1;
    const inode = this.#inode(file);
    applyChange(inode, { type: 'cut', size });
    this.#sync(inode);
  }

  wipe(file: string, { offset, length }: { readonly offset: number; readonly length: number }): void {
    this.calls.write += 1;
    const inode = this.#inode(file);
    this.#write(inode, offset, new Uint8Array(length));
    this.#sync(inode);
  }

  sync(file: string): void {
    this.#sync(this.#inode(file));
  }

  makeFolder(): void {
    // Folders are only names here.
    this.calls.folder += 1;
  }

  syncFolder(folder: string): void {
    this.calls.sync += 1;
    for (const { folders, apply } of this.#pending) if (folders.includes(folder)) apply(this.#synced);
    this.#pending = this.#pending.filter(({ folders }) => !folders.includes(folder));
  }

  freeBytes(): number {
    return this.free;
  }

  /** Other bytes under a running program: what a failing disk does. */
  overwrite(file: string, bytes: Buffer): void {
    const inode = this.#inode(file);
    inode.bytes = Buffer.from(bytes);
    this.#sync(inode);
  }

  powerCut({ random, entries }: Cut): MemoryDisk {
    const names = new Map(this.#synced);
    const kept = entries === 'prefix' ? Math.floor(random() * (this.#pending.length + 1)) : 0;
    for (const [index, { apply }] of this.#pending.entries()) {
      if (entries === 'prefix' ? index < kept : random() < 0.5) apply(names);
    }
    return new MemoryDisk(new Map([...names].map(([name, inode]) => [name, afterCut(inode, random)])));
  }

  #usedBytes(): number {
    return [...this.#names.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  #write(inode: Inode, offset: number, bytes: Uint8Array): void {
    const grows = Math.max(0, offset + bytes.length - inode.bytes.length);
    const left = this.capacity === Number.MAX_SAFE_INTEGER ? grows : this.capacity - this.#usedBytes();
    const missing = Math.max(0, grows - Math.max(0, left));
    const fits = Buffer.from(missing > 0 ? bytes.subarray(0, Math.max(0, bytes.length - missing)) : bytes);
    applyChange(inode, { type: 'write', offset, bytes: fits });
    if (missing > 0) throw diskError('ENOSPC', 'write');
  }

  #inode(file: string): Inode {
    const inode = this.#names.get(file);
    if (inode === undefined) throw diskError('ENOENT', 'open');
    return inode;
  }

  #change(files: readonly string[], apply: Entry): void {
    apply(this.#names);
    const folders = files.map((file) => (file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '.'));
    this.#pending.push({ folders, apply });
  }

  #sync(inode: Inode): void {
    this.calls.sync += 1;
    inode.synced = Buffer.from(inode.bytes);
    inode.pending = [];
  }
}

const sector = 512;

function applyChange(inode: Inode, change: Change): void {
  inode.bytes = changed(inode.bytes, change);
  inode.pending.push(change);
}

function changed(before: Buffer, change: Change): Buffer {
  if (change.type === 'cut') return Buffer.from(before.subarray(0, change.size));
  const after = Buffer.alloc(Math.max(before.length, change.offset + change.bytes.length));
  before.copy(after);
  change.bytes.copy(after, change.offset);
  return after;
}

/** What may be found of a file: unsynced sectors may be there, absent, zero or anything, in any order. */
function afterCut({ synced, pending }: Inode, random: () => number): Buffer {
  const manner = random();
  if (manner < 0.2) return Buffer.from(synced);
  let bytes: Buffer = Buffer.from(synced);
  const kept = Math.floor(random() * (pending.length + 1));
  for (const [index, change] of pending.entries()) {
    if (manner < 0.5 && index >= kept) break;
    bytes = change.type === 'cut' ? cutPerhaps(bytes, change, random) : writeSectors(bytes, change, random);
  }
  // A write that was under way when the power went.
  if (manner < 0.5 && bytes.length > synced.length) {
    const length = synced.length + Math.floor(random() * (bytes.length - synced.length + 1));
    return Buffer.from(bytes.subarray(0, length));
  }
  return bytes;
}

function cutPerhaps(bytes: Buffer, change: Change, random: () => number): Buffer {
  return random() < 0.5 ? changed(bytes, change) : bytes;
}

/** Each sector for itself: as written, not at all, zero, or what a block held in an earlier life. */
function writeSectors(
  before: Buffer,
  { offset, bytes }: Extract<Change, { type: 'write' }>,
  random: () => number,
): Buffer {
  const after = Buffer.alloc(Math.max(before.length, offset + bytes.length));
  before.copy(after);
  for (let at = 0; at < bytes.length; ) {
    // Sectors are counted from the file's beginning, not from the write's.
    const end = Math.min(bytes.length, at + sector - ((offset + at) % sector));
    const chance = random();
    if (chance < 0.6) bytes.copy(after, offset + at, at, end);
    else if (chance < 0.8) after.fill(0, offset + at, offset + end);
    else if (chance < 0.9) fillWithOldBytes(after.subarray(offset + at, offset + end), chance);
    at = end;
  }
  return after;
}

function fillWithOldBytes(part: Buffer, chance: number): void {
  for (let index = 0; index < part.length; index++) part[index] = index * 131 + Math.floor(chance * 1e6);
}
