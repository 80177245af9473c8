import { HostError } from '#shared/host-error.ts';
import { readRecord, recordHeadSize } from './frame.ts';

/**
 * Bodies over 2 KB stay in the journal; the index holds a pointer (decision 14). A column holds either the
 * value's JSON or `@segment:offset:size:start:length`: the record, and the value's JSON within its payload.
 * Pointers are made anew at each replay, so they never outlive a moved record.
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

/** Where records are read again. */
export interface RecordSource {
  /** The bytes of a record, and the seed of its checksum; undefined when the segment is gone. */
  read(
    segment: number,
    part: { readonly offset: number; readonly length: number },
  ): { readonly bytes: Uint8Array; readonly seed: number } | undefined;
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

/** The value of a column made by `encodeBody`. Damage of the record throws, wrong data is never returned. */
export function decodeBody(column: string, source: RecordSource): unknown {
  if (!column.startsWith('@')) return JSON.parse(column);
  const [segment = 0, offset = 0, size = 0, start = 0, length = 0] = column.slice(1).split(':').map(Number);
  const found = source.read(segment, { offset, length: size });
  const frame = found && readRecord(found.bytes, 0, found.seed);
  if (frame === undefined || recordHeadSize + start + length > frame.size) {
    throw new HostError('store.damaged', `A message's body in the journal is damaged (${column}).`, {
      data: { '0': column },
    });
  }
  return JSON.parse(Buffer.from(frame.payload.subarray(start, start + length)).toString('utf8'));
}
