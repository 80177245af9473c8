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
 * The writing end of the journal: one open segment of this owner's epoch. Records are staged, then written
 * and synced together. Every method may throw Node's file-system errors.
 */
export interface Journal {
  /** LSN of the last record that is written and synced. */
  readonly durable: number;
  readonly stagedBytes: number;
  /** Where `payload` would stand as the next record, and its bytes. Nothing is kept yet. */
  prepare(kind: number, payload: string): PreparedRecord;
  stage(record: PreparedRecord): void;
  /** One write and one fdatasync for all that is staged. After a throw only `fail` may follow. */
  flush(): void;
  /** Writes one record without waiting for the disk: the mark of a clean end. */
  mark(kind: number, payload: string): void;
  /**
   * After a failure: forgets what is staged and cuts the file back to what was acknowledged, through a new
   * handle, since one whose sync failed must not be trusted (R10, R11). What cannot be cut is overruled by
   * the next segment.
   */
  fail(): void;
  /** Forgets what is staged and leaves the file alone: it belongs to a new owner. */
  abandon(): void;
  /**
   * After `fail`: checks that what was acknowledged can be read, and goes on in a new segment.
   * @throws HostError `store.damaged` when it cannot.
   */
  recover(): void;
  /** Bytes of a record that is not written yet. */
  readStaged(
    segment: number,
    part: { readonly offset: number; readonly length: number },
  ): Uint8Array | undefined;
  /** The segment being written. */
  readonly segment: GoodSegment;
  close(): void;
}

export interface PreparedRecord extends RecordPlace {
  readonly bytes: Buffer;
}

/**
 * Starts a new segment behind `lastLsn`. Its header and its name are durable when this returns.
 */
export function startJournal(disk: Disk, start: JournalStart): Journal {
  let open = createSegment(disk, start, start.lastLsn + 1);
  // `written` may run ahead of `durable` by a mark that nobody waited for.
  let written = start.lastLsn;
  let durable = start.lastLsn;
  let end = headerSize;
  let durableEnd = headerSize;
  let staged: PreparedRecord[] = [];
  let stagedBytes = 0;

  let isOpen = true;

  const release = (): void => {
    // Once: a number closed twice may be another file's by then.
    if (!isOpen) return;
    isOpen = false;
    open.handle.close();
  };
  const forget = (): void => {
    staged = [];
    stagedBytes = 0;
  };
  const append = (bytes: Buffer, records: number): void => {
    open.handle.write(bytes, end);
    end += bytes.length;
    written += records;
  };
  return {
    get durable() {
      return durable;
    },
    get stagedBytes() {
      return stagedBytes;
    },
    get segment() {
      return open;
    },
    prepare(kind, payload) {
      const lsn = written + staged.length + 1;
      const bytes = encodeRecord({ seed: open.header.crc, lsn, durable, kind, payload });
      if (bytes.length - recordHeadSize > longestPayload) throw tooLarge(bytes.length);
      const offset = end + stagedBytes;
      const segment = open.header.firstLsn;
      return { segment, offset, size: bytes.length, bytes, payload: bytes.subarray(recordHeadSize) };
    },
    stage(record) {
      staged.push(record);
      stagedBytes += record.size;
    },
    flush() {
      const [first] = staged;
      if (first === undefined) return;
      append(
        staged.length === 1 ? first.bytes : Buffer.concat(staged.map(({ bytes }) => bytes)),
        staged.length,
      );
      open.handle.sync();
      durable = written;
      durableEnd = end;
      forget();
    },
    mark(kind, payload) {
      append(encodeRecord({ seed: open.header.crc, lsn: written + 1, durable, kind, payload }), 1);
    },
    fail() {
      forget();
      ignoringDiskErrors(release);
      ignoringDiskErrors(() => disk.truncate(open.file, durableEnd));
    },
    abandon() {
      forget();
      ignoringDiskErrors(release);
    },
    recover() {
      if (!holdsRecords(disk, open, durable)) throw refusal(readOnly('store.damaged', open.file));
      open = createSegment(disk, start, durable + 1);
      isOpen = true;
      written = durable;
      end = headerSize;
      durableEnd = headerSize;
    },
    readStaged(segment, part) {
      if (segment !== open.header.firstLsn) return undefined;
      return staged.find(({ offset, size }) => offset === part.offset && size === part.length)?.bytes;
    },
    close: release,
  };
}

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
