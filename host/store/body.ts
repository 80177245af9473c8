import { HostError } from '#shared/host-error.ts';
import { readRecord, recordHeadSize } from './frame.ts';
import { type ShelfPlace, shelfPlace } from './shelves.ts';

/**
 * Bodies over 2 KB stay out of the index, which holds a pointer (decision 14). A column holds one of
 *
 *     the value's JSON
 *     @segment:offset:size:start:length   the record in the journal, and the value's JSON within its payload
 *     #shelf:offset:length:crc            a frame of `bodies/<shelf>.log`, where a snapshot moved it
 *
 * Pointers into the journal are made anew at each replay, and no snapshot holds any: they never outlive a moved record.
 */
export const longestInline = 2048;

export interface RecordPlace {
  /** First LSN of the segment. */
  readonly segment: number;
  /** Where the record begins in it, and its bytes. */
  readonly offset: number;
  readonly size: number;
  readonly payload: Buffer;
}

/** Where bodies are read again. */
export interface BodySource {
  /** The bytes of a record, and the seed of its checksum; undefined when they cannot be read. */
  record(
    segment: number,
    part: { readonly offset: number; readonly length: number },
  ): { readonly bytes: Uint8Array; readonly seed: number } | undefined;
  /** The bytes of a frame, verified; undefined when they are not those that were put there. */
  shelved(place: ShelfPlace): Uint8Array | undefined;
}

/** What an applier puts into a column for `value`, which is part of the event it applies. */
export function encodeBody(value: unknown, place: RecordPlace): string {
  const text = JSON.stringify(value);
  if (text.length <= longestInline) return text;
  const literal = Buffer.from(text);
  const start = place.payload.indexOf(literal);
  // An upcaster made it, or an applier put it together: the journal holds no such bytes.
  if (start === -1) return text;
  return `@${[place.segment, place.offset, place.size, start, literal.length].join(':')}`;
}

/** The value of a column made by `encodeBody`. Damage of its bytes throws, wrong data is never returned. */
export function decodeBody(column: string, source: BodySource): unknown {
  if (!column.startsWith('@') && !column.startsWith('#')) return JSON.parse(column);
  return JSON.parse(bodyBytes(column, source).toString('utf8'));
}

/**
 * The JSON that a pointer leads to.
 * @throws HostError `store.damaged`
 */
export function bodyBytes(column: string, source: BodySource): Buffer {
  const place = shelfPlace(column);
  const found = place === undefined ? recorded(column, source) : source.shelved(place);
  if (found === undefined) throw damaged(column);
  return Buffer.from(found.buffer, found.byteOffset, found.byteLength);
}

/** Whether a column leads into the journal, and to how many bytes. */
export function journaledLength(column: unknown): number | undefined {
  if (typeof column !== 'string') return undefined;
  const length = journalPointer.exec(column)?.[1];
  return length === undefined ? undefined : Number(length);
}

const journalPointer = /^@\d+:\d+:\d+:\d+:(\d+)$/;

function recorded(column: string, source: BodySource): Uint8Array | undefined {
  const [segment = 0, offset = 0, size = 0, start = 0, length = 0] = column.slice(1).split(':').map(Number);
  const found = source.record(segment, { offset, length: size });
  const frame = found && readRecord(found.bytes, 0, found.seed);
  if (frame === undefined || recordHeadSize + start + length > frame.size) return undefined;
  return frame.payload.subarray(start, start + length);
}

function damaged(column: string): HostError {
  return new HostError(
    'store.damaged',
    `The body of a message is damaged (${column}). The rest can be read.`,
    {
      data: { '0': column },
    },
  );
}
