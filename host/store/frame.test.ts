import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodeHeader,
  encodeHeader,
  encodeRecord,
  headerSize,
  provesDurable,
  readRecord,
  recordHeadSize,
} from './frame.ts';

const lsn = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const record = fc.record({
  seed,
  lsn,
  durable: lsn,
  kind: fc.integer({ min: 0, max: 255 }),
  payload: fc.json().map((text) => `${text} `),
});

test('a header comes back as it was written, and no other bytes are one', () => {
  fc.assert(
    fc.property(lsn, lsn, fc.integer({ min: 0, max: headerSize * 8 - 1 }), (epoch, firstLsn, bit) => {
      const bytes = encodeHeader({ epoch, firstLsn });
      expect(decodeHeader(bytes)).toMatchObject({ version: 1, epoch, firstLsn });
      expect(decodeHeader(bytes.subarray(0, 31))).toBeUndefined();
      bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(decodeHeader(bytes)).toBeUndefined();
    }),
  );
});

test('a record comes back as it was written, wherever it stands', () => {
  fc.assert(
    fc.property(record, fc.uint8Array({ maxLength: 40 }), (each, before) => {
      const bytes = Buffer.concat([before, encodeRecord(each), before]);
      const found = readRecord(bytes, before.length, each.seed);
      expect(found).toMatchObject({ lsn: each.lsn, durable: each.durable, kind: each.kind });
      expect(found?.size).toBe(recordHeadSize + Buffer.byteLength(each.payload));
      expect(Buffer.from(found?.payload ?? []).toString('utf8')).toBe(each.payload.toWellFormed());
    }),
  );
});

test('a record that was cut, flipped, moved or belongs to another segment is none', () => {
  fc.assert(
    fc.property(record, seed, fc.nat(), (each, otherSeed, chance) => {
      const bytes = encodeRecord(each);
      expect(readRecord(bytes.subarray(0, chance % bytes.length), 0, each.seed)).toBeUndefined();
      expect(
        readRecord(Buffer.concat([bytes, bytes]), 1 + (chance % (bytes.length - 1)), each.seed),
      ).toBeUndefined();
      if (otherSeed !== each.seed) expect(readRecord(bytes, 0, otherSeed)).toBeUndefined();
      const at = chance % bytes.length;
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (chance & 7)), at);
      expect(readRecord(bytes, 0, each.seed)).toBeUndefined();
    }),
  );
});

test('only a later record that was written after the sync of an earlier one proves it', () => {
  const later = (durable: number): Buffer =>
    Buffer.concat([
      Buffer.from('damaged bytes of record 5'),
      encodeRecord({ seed: 1, lsn: 6, durable, kind: 1, payload: '{}' }),
    ]);
  expect(provesDurable(later(5), 0, { lsn: 5, seed: 1 })).toBe(true);
  expect(provesDurable(later(4), 0, { lsn: 5, seed: 1 })).toBe(false);
  expect(provesDurable(later(5), 0, { lsn: 5, seed: 2 })).toBe(false);
  expect(provesDurable(later(9), 0, { lsn: 6, seed: 1 })).toBe(false);
});
