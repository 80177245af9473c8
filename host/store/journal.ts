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
    this.#segment.handle.sync();
    this.#durable = this.#written;
    this.#durableEnd = this.#end;
    this.#forget();
  }

  /** Writes one record without waiting for the disk: the mark of a clean end. */
  mark(kind: number, payload: string): void {
    const { bytes } = this.prepare(kind, payload);
    this.#append(bytes, 1);
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
    this.#segment = createSegment(this.#disk, this.#start, this.#durable + 1);
    this.#isOpen = true;
    this.#written = this.#durable;
    this.#end = headerSize;
    this.#durableEnd = headerSize;
    this.#room = headerSize;
    this.#canMakeRoom = true;
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
    if (this.#isOpen && this.#room > this.#end) this.#segment.handle.cut(this.#end);
    this.#release();
  }

  #append(bytes: Buffer, records: number): void {
    this.#segment.handle.write(bytes, this.#end);
    this.#end += bytes.length;
    this.#room = Math.max(this.#room, this.#end);
    this.#written += records;
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
}

interface OpenSegment extends GoodSegment {
  readonly handle: DiskFile;
}

function createSegment(disk: Disk, { epoch, checkOwner }: JournalStart, firstLsn: number): OpenSegment {
  const file = segmentFile(firstLsn);
  const bytes = encodeHeader({ epoch, firstLsn });
  const header = decodeHeader(bytes);
  if (header === undefined) throw new TypeError('A segment header does not read back.');
  // A segment of that name may be the one a new owner has just made.
  checkOwner();
  setAside(disk, file);
  const handle = disk.create(file);
  try {
    handle.write(bytes, 0);
    handle.sync();
    disk.syncFolder('.');
  } catch (error) {
    ignoringDiskErrors(() => handle.close());
    throw error;
  }
  return { file, header, handle };
}

/**
 * A segment of that name holds nothing that was acknowledged: it is empty, or an overruled owner still writes
 * to it. It is kept all the same if there is more in it than a header.
 */
function setAside(disk: Disk, file: string): void {
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
