import { type Disk, diskErrorCode } from './disk.ts';
import {
  decodeHeader,
  formatVersion,
  headerSize,
  provesDurable,
  readRecord,
  recordKind,
  type SegmentHeader,
} from './frame.ts';

/**
 * Yields the records to replay, in order, and returns how the journal ends. Reads only; what is to be
 * mended is the caller's affair. R… are the recovery rules in README.md.
 * `after` is the LSN that a snapshot holds already (R3): 0 without one.
 */
export function* scanJournal(disk: Disk, after: number): Generator<JournalRecord, ScanEnd> {
  const { segments, unborn } = listSegments(disk);
  let progress: Progress = { verdict: { type: 'whole', size: 0 }, lastLsn: after, last: undefined };
  // A snapshot is only made when the segment behind it is there.
  const isBeheaded = after > 0 && ![...segments.map(({ file }) => file), ...unborn].some(beginsBy(after + 1));
  if (isBeheaded)
    return { ...progress, verdict: { type: 'damaged', file: segmentFile(after + 1), offset: 0 }, unborn };
  for (const [index, segment] of segments.entries()) {
    const bound = firstLsnOf(segments[index + 1]);
    // R3: a snapshot holds all of it. Others of its time may be gone already.
    if (bound !== undefined && bound <= after + 1) continue;
    const header = usableHeader(segment, progress);
    if (isVerdict(header)) return { ...progress, verdict: header, unborn };
    progress = yield* scanSegment(disk, { file: segment.file, header }, { after, bound });
    if (progress.verdict.type !== 'whole') break;
  }
  return { ...progress, unborn };
}

/** A record of the journal that is to be replayed. */
export interface JournalRecord {
  readonly segment: GoodSegment;
  readonly offset: number;
  readonly size: number;
  readonly lsn: number;
  readonly kind: number;
  readonly payload: Buffer;
}

export type Verdict =
  /** `size` is that of the records in the last segment; zeros may follow, written ahead to make room. */
  | { readonly type: 'whole'; readonly size: number }
  /** R4: a write cut off by a crash. Nothing from `offset` on was acknowledged. */
  | { readonly type: 'torn'; readonly file: string; readonly offset: number; readonly bytes: number }
  /** R5, R6, R7: acknowledged data is damaged or missing. Nothing is ever cut here. */
  | { readonly type: 'damaged'; readonly file: string; readonly offset: number }
  /** R9 */
  | { readonly type: 'newer'; readonly file: string; readonly offset: number };

export interface ScanEnd extends Progress {
  /** R6: segments whose creation was cut off. They never held a record. */
  readonly unborn: readonly string[];
}

interface Progress {
  readonly verdict: Verdict;
  /** LSN of the last good record. */
  readonly lastLsn: number;
  /** The segment scanned last. */
  readonly last: GoodSegment | undefined;
}

interface Segment {
  readonly file: string;
  readonly header: SegmentHeader | undefined;
}

export interface GoodSegment {
  readonly file: string;
  readonly header: SegmentHeader;
}

/** The highest epoch that any segment carries; 0 in an empty folder. */
export function highestEpoch(disk: Disk): number {
  const epochs = listSegments(disk).segments.map(({ header }) => header?.epoch ?? 0);
  return Math.max(0, ...epochs);
}

/**
 * The first segment of the owner after `own`: what stands before it is part of its history. Undefined before it writes,
 * and where it cannot be told any more: snapshots let segments go, the oldest first, so that a later one of that owner
 * would pass for its first if `own`, or what was put in its place, were not there.
 */
export function successorSegment(disk: Disk, own: GoodSegment): GoodSegment | undefined {
  const { segments } = listSegments(disk);
  const place = segments.findIndex(({ file }) => file === own.file);
  for (const { file, header } of place < 0 ? [] : segments.slice(place))
    if (header !== undefined && header.epoch > own.header.epoch) return { file, header };
  return undefined;
}

/** True when the segment still holds every record up to and including `lastLsn`. */
export function holdsRecords(disk: Disk, segment: GoodSegment, lastLsn: number): boolean {
  const scan = scanSegment(disk, segment, { after: lastLsn, bound: lastLsn + 1 });
  for (let step = scan.next(); ; step = scan.next()) {
    if (step.done === true) return step.value.verdict.type === 'whole';
  }
}

export function segmentFile(firstLsn: number): string {
  return `journal-${firstLsn.toString(16).padStart(16, '0')}.log`;
}

const segmentName = /^journal-([0-9a-f]{16})\.log$/;

/** By its name, which stands even where the header is damaged. */
function firstLsnOf(segment: { readonly file: string } | undefined): number | undefined {
  const hex = segment && segmentName.exec(segment.file)?.[1];
  return hex === undefined ? undefined : Number.parseInt(hex, 16);
}

function beginsBy(lsn: number): (file: string) => boolean {
  return (file) => (firstLsnOf({ file }) ?? Number.POSITIVE_INFINITY) <= lsn;
}

/** Segments that hold nothing behind `lsn`, oldest first: another one begins by the record after it. */
export function coveredSegments(disk: Disk, lsn: number): readonly string[] {
  const files = listSegments(disk).segments.map(({ file }) => file);
  return files.filter((_, index) => {
    const next = files[index + 1];
    return next !== undefined && beginsBy(lsn + 1)(next);
  });
}

function listSegments(disk: Disk): {
  readonly segments: readonly Segment[];
  readonly unborn: readonly string[];
} {
  const segments: Segment[] = [];
  const unborn: string[] = [];
  for (const file of disk.list('.').filter((name) => segmentName.test(name))) {
    // One byte more than the header tells a cut-off creation from a damaged segment.
    const start = startOf(disk, file);
    if (start === undefined) continue;
    const header = decodeHeader(start);
    if (header === undefined && start.length <= headerSize) unborn.push(file);
    else segments.push({ file, header });
  }
  return { segments, unborn };
}

/** Undefined where an owner has let the segment go since it was listed: then snapshots hold all of it. */
function startOf(disk: Disk, file: string): Uint8Array | undefined {
  try {
    return disk.readPart(file, { offset: 0, length: headerSize + 1 });
  } catch (error) {
    if (diskErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function usableHeader({ file, header }: Segment, { last, lastLsn }: Progress): SegmentHeader | Verdict {
  if (header === undefined) return { type: 'damaged', file, offset: 0 };
  if (header.version > formatVersion) return { type: 'newer', file, offset: 0 };
  const isGap = header.firstLsn > lastLsn + 1;
  const isOutOfOrder = header.epoch < (last?.header.epoch ?? 0) || segmentFile(header.firstLsn) !== file;
  if (isGap || isOutOfOrder) return { type: 'damaged', file, offset: 0 };
  return header;
}

function isVerdict(value: SegmentHeader | Verdict): value is Verdict {
  return 'type' in value;
}

/**
 * One segment, up to the LSN where the next one begins (`bound`). What stands behind that was appended by an
 * owner that had been overruled, or failed to be written and was rejected: it is ignored.
 */
function* scanSegment(
  disk: Disk,
  segment: GoodSegment,
  { after, bound }: { readonly after: number; readonly bound: number | undefined },
): Generator<JournalRecord, Progress> {
  const bytes = disk.read(segment.file);
  const { file, header } = segment;
  let offset = headerSize;
  let lsn = header.firstLsn;
  const end = (verdict: Verdict): Progress => ({ verdict, lastLsn: Math.max(after, lsn - 1), last: segment });
  for (; lsn < (bound ?? Number.POSITIVE_INFINITY); lsn++) {
    const frame = readRecord(bytes, offset, header.crc);
    if (frame === undefined) return end(whyNoRecord({ file, bytes, offset, lsn, bound, seed: header.crc }));
    if (frame.lsn !== lsn) return end({ type: 'damaged', file, offset });
    if (!knownKinds.has(frame.kind)) return end({ type: 'newer', file, offset });
    const { size, kind } = frame;
    if (lsn > after) yield { segment, offset, size, lsn, kind, payload: Buffer.from(frame.payload) };
    offset += size;
  }
  return end({ type: 'whole', size: offset });
}

const knownKinds: ReadonlySet<number> = new Set(Object.values(recordKind));

/** R4 against R5: is it the end, a write cut off by a crash, or damage of what was acknowledged? */
function whyNoRecord(at: {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly lsn: number;
  readonly bound: number | undefined;
  readonly seed: number;
}): Verdict {
  const { file, bytes, offset } = at;
  if (at.bound !== undefined) return { type: 'damaged', file, offset };
  // No record ends in a zero: those behind are room that was made, or that a power failure left.
  const tail = withoutZeros(bytes.subarray(offset));
  if (tail.length === 0) return { type: 'whole', size: offset };
  if (provesDurable(tail, 0, at)) return { type: 'damaged', file, offset };
  return { type: 'torn', file, offset, bytes: tail.length };
}

function withoutZeros(bytes: Uint8Array): Uint8Array {
  let length = bytes.length;
  while (length > 0 && bytes[length - 1] === 0) length -= 1;
  return bytes.subarray(0, length);
}
