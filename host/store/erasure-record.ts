import * as Schema from 'effect/Schema';

/**
 * Payload of the journal's records `erase` and `erased`: JSON of `{ shelf }`. Between the two, whoever opens the
 * store finishes the erasure.
 */
export function encodeErasure(shelf: string): string {
  return JSON.stringify({ shelf } satisfies typeof ErasureRecord.Type);
}

/** The shelf's name, or undefined when the payload is no such record. */
export function decodeErasure(payload: string): string | undefined {
  const decoded = decode(payload);
  return decoded._tag === 'Success' ? decoded.success.shelf : undefined;
}

const ErasureRecord = Schema.Struct({ shelf: Schema.String });
const decode = Schema.decodeUnknownResult(Schema.fromJsonString(ErasureRecord));
