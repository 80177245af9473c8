import { HostError } from '#shared/host-error.ts';
import type { RecordPlace } from './body.ts';
import { type Disk, type DiskFile, diskErrorCode } from './disk.ts';
import {
  decodeHeader,
  encodeHeader,
  encodeRecord,
  headerSize,
  longestPayload,
  recordHeadSize,
} from './frame.ts';
import { type GoodSegment, holdsRecords, segmentFile } from './recovery.ts';
import { readOnly, refusal } from './state.ts';

/**
 * The writing end of the journal: one open segment of this owner's epoch. Records are staged, then written and
 * synced together. Every method may throw Node's file-system errors.
 *
 *     | header | records | durable end | a mark | end | zeros … | room
 */
export class Journal {
  readonly #disk: Disk;
  readonly #start: JournalStart;
  #segment: OpenSegment;
  #isOpen = true;
  #isSound = true;
  /** LSN of the last record written, and of the last one synced: a mark is written without waiting. */
  #written: number;
  #durable: number;
  #end = headerSize;
  #durableEnd = headerSize;
  /** Bytes of the file; zeros from `#end` on. */
  #room = headerSize;
  #canMakeRoom = true;
  #staged: PreparedRecord[] = [];
  #stagedBytes = 0;

  /** Starts a new segment. Its header and its name are durable when this returns. */
  constructor(disk: Disk, start: JournalStart) {
    this.#disk = disk;
    this.#start = start;
    this.#written = start.lastLsn;
    this.#durable = start.lastLsn;
    this.#segment = createSegment(disk, start, start.lastLsn + 1);
    this.#publishSeed();
  }

  /** LSN of the last record written. */
  get lsn(): number {
    return this.#written;
  }

  /** False when what was begun could not be taken back: only `fail` and `recover` lead on. */
  get isSound(): boolean {
    return this.#isSound;
  }

  /** The segment being written. */
  get segment(): GoodSegment {
    return this.#segment;
  }

  get stagedBytes(): number {
    return this.#stagedBytes;
  }

  /** There is little room left that was written before. */
  get needsRoom(): boolean {
    return this.#canMakeRoom && this.#room - this.#end < leastRoom;
  }

  /** `payload` as the next record, and where it will stand. Nothing is kept yet. */
  prepare(kind: number, payload: string): PreparedRecord {
    const { header } = this.#segment;
    const lsn = this.#written + this.#staged.length + 1;
    const bytes = encodeRecord({ seed: header.crc, lsn, durable: this.#durable, kind, payload });
    if (bytes.length - recordHeadSize > longestPayload) throw tooLarge(bytes.length);
    return {
      lsn,
      segment: header.firstLsn,
      offset: this.#end + this.#stagedBytes,
      size: bytes.length,
      bytes,
      payload: bytes.subarray(recordHeadSize),
    };
  }

  stage(record: PreparedRecord): void {
    this.#staged.push(record);
    this.#stagedBytes += record.size;
  }

  /** One write and one fdatasync for all that is staged. After a throw only `fail` or `abandon` may follow. */
  flush(): void {
    const [first] = this.#staged;
    if (first === undefined) return;
    const { length } = this.#staged;
    this.#append(length === 1 ? first.bytes : Buffer.concat(this.#staged.map(({ bytes }) => bytes)), length);
    this.#sync();
    this.#forget();
  }

  /** Writes one record without waiting for the disk: the mark of a clean end. */
  mark(kind: number, payload: string): void {
    const { bytes } = this.prepare(kind, payload);
    this.#append(bytes, 1);
  }

  /** Makes marks durable. */
  sync(): void {
    if (this.#durable === this.#written) return;
    this.#isSound = false;
    this.#sync();
    this.#isSound = true;
  }

  /**
   * Goes on in a new segment, so that a snapshot can hold all of the one before. Nothing may be staged. After a throw
   * the old one goes on being written to, if `isSound`.
   */
  rotate(): void {
    this.sync();
    const firstLsn = this.#written + 1;
    if (this.#segment.header.firstLsn === firstLsn) return;
    const next = newSegment(this.#disk, this.#start, firstLsn);
    this.#isSound = false;
    try {
      writeHeader(this.#disk, next);
    } catch (error) {
      this.#isSound = withdraw(this.#disk, next.file);
      throw error;
    }
    ignoringDiskErrors(() => this.#giveBackRoom());
    ignoringDiskErrors(() => this.#release());
    this.#begin(next);
  }

  /**
   * Writes zeros ahead and syncs them: a later sync then has no new size and no new blocks to record, only data,
   * which makes it a quarter faster and far steadier. Call it when nobody waits.
   */
  makeRoom(): void {
    const zeros = new Uint8Array(Math.min(mostRoom, Math.max(2 * leastRoom, this.#end)));
    try {
      this.#segment.handle.write(zeros, this.#room);
    } catch (error) {
      if (diskErrorCode(error) === undefined) throw error;
      // A full disk may still take the next record; that write's failure is the one that counts.
      this.#canMakeRoom = false;
    }
    this.#segment.handle.sync();
    this.#room += zeros.length;
  }

  /**
   * After a failure: forgets what is staged and cuts the file back to what was acknowledged, through a new
   * handle, since one whose sync failed must not be trusted (R10, R11). What cannot be cut is overruled by the
   * next segment.
   */
  fail(): void {
    this.#forget();
    ignoringDiskErrors(() => this.#release());
    ignoringDiskErrors(() => this.#disk.truncate(this.#segment.file, this.#durableEnd));
  }

  /** Forgets what is staged and leaves the file alone: it belongs to a new owner. */
  abandon(): void {
    this.#forget();
    ignoringDiskErrors(() => this.#release());
  }

  /**
   * After `fail`: checks that what was acknowledged can be read, and goes on in a new segment.
   * @throws HostError `store.damaged` when it cannot.
   */
  recover(): void {
    if (!holdsRecords(this.#disk, this.#segment, this.#durable)) {
      throw refusal(readOnly('store.damaged', this.#segment.file));
    }
    const next = createSegment(this.#disk, this.#start, this.#durable + 1);
    this.#written = this.#durable;
    this.#begin(next);
  }

  /** Bytes of a record that is not written yet. */
  readStaged(
    segment: number,
    part: { readonly offset: number; readonly length: number },
  ): Uint8Array | undefined {
    if (segment !== this.#segment.header.firstLsn) return undefined;
    return this.#staged.find(({ offset, size }) => offset === part.offset && size === part.length)?.bytes;
  }

  close(): void {
    this.#giveBackRoom();
    this.#release();
  }

  #begin(segment: OpenSegment): void {
    this.#segment = segment;
    this.#publishSeed();
    this.#isOpen = true;
    this.#isSound = true;
    this.#end = headerSize;
    this.#durableEnd = headerSize;
    this.#room = headerSize;
    this.#canMakeRoom = true;
  }

  #publishSeed(): void {
    const { firstLsn, crc } = this.#segment.header;
    this.#start.seeds.set(firstLsn, crc);
  }

  #sync(): void {
    this.#segment.handle.sync();
    this.#durable = this.#written;
    this.#durableEnd = this.#end;
  }

  #append(bytes: Buffer, records: number): void {
    this.#segment.handle.write(bytes, this.#end);
    this.#end += bytes.length;
    this.#room = Math.max(this.#room, this.#end);
    this.#written += records;
  }

  #giveBackRoom(): void {
    if (this.#isOpen && this.#room > this.#end) this.#segment.handle.cut(this.#end);
  }

  #forget(): void {
    this.#staged = [];
    this.#stagedBytes = 0;
  }

  /** Once: a number closed twice may be another file's by then. */
  #release(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#segment.handle.close();
  }
}

export interface PreparedRecord extends RecordPlace {
  readonly lsn: number;
  readonly bytes: Buffer;
}

/** Room grows with the segment, so that a small store stays small. */
const leastRoom = 8 * 1024;
const mostRoom = 256 * 1024;

export interface JournalStart {
  readonly epoch: number;
  /** LSN of the last record that stands in earlier segments. */
  readonly lastLsn: number;
  /** Throws when this is not the owner of the folder any more. */
  readonly checkOwner: () => void;
  /** Filled with the checksum seed of each segment, by its first LSN. */
  readonly seeds: Map<number, number>;
}

interface OpenSegment extends GoodSegment {
  readonly handle: DiskFile;
}

function createSegment(disk: Disk, start: JournalStart, firstLsn: number): OpenSegment {
  setAside(disk, start, firstLsn);
  const segment = newSegment(disk, start, firstLsn);
  writeHeader(disk, segment);
  return segment;
}

/** An empty file, which is no segment yet. `EEXIST` when there is one of its name. */
function newSegment(disk: Disk, { epoch, checkOwner }: JournalStart, firstLsn: number): OpenSegment {
  const file = segmentFile(firstLsn);
  const header = decodeHeader(encodeHeader({ epoch, firstLsn }));
  if (header === undefined) throw new TypeError('A segment header does not read back.');
  checkOwner();
  return { file, header, handle: disk.create(file) };
}

function writeHeader(disk: Disk, { header, handle }: OpenSegment): void {
  try {
    handle.write(encodeHeader(header), 0);
    handle.sync();
    disk.syncFolder('.');
  } catch (error) {
    ignoringDiskErrors(() => handle.close());
    throw error;
  }
}

/**
 * Takes back a segment whose creation failed: while it stands there, records written to the one before it would not
 * count. An empty file is no segment (R6), whatever becomes of its name.
 */
function withdraw(disk: Disk, file: string): boolean {
  try {
    disk.truncate(file, 0);
  } catch (error) {
    if (diskErrorCode(error) === undefined) throw error;
    return false;
  }
  ignoringDiskErrors(() => disk.remove(file));
  return true;
}

/**
 * A segment of that name holds nothing that was acknowledged: it is empty, or an overruled owner still writes
 * to it. It is kept all the same if there is more in it than a header.
 */
function setAside(disk: Disk, { checkOwner }: JournalStart, firstLsn: number): void {
  const file = segmentFile(firstLsn);
  // It may be the one that a new owner has just made.
  checkOwner();
  if (!disk.list('.').includes(file)) return;
  if (disk.readPart(file, { offset: 0, length: headerSize + 1 }).length <= headerSize) {
    disk.remove(file);
    return;
  }
  disk.makeFolder('quarantine');
  disk.rename(file, `quarantine/${freeName(disk, file)}`);
  disk.syncFolder('quarantine');
}

/** A name in quarantine that nothing has yet. */
export function freeName(disk: Disk, name: string): string {
  const taken = new Set(disk.list('quarantine'));
  for (let count = 1; ; count++) {
    const candidate = `${name}.${count}`;
    if (!taken.has(candidate)) return candidate;
  }
}

/** For steps whose failure changes nothing: the store is failing already, and later rules cover the rest. */
function ignoringDiskErrors(step: () => void): void {
  try {
    step();
  } catch (error) {
    if (diskErrorCode(error) === undefined) throw error;
  }
}

function tooLarge(bytes: number): HostError {
  return new HostError('store.too-large', `A commit of ${bytes} bytes is too large. Split it.`, {
    data: { bytes, limit: longestPayload },
  });
}
