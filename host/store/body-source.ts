import type { BodySource } from './body.ts';
import { type Disk, diskErrorCode } from './disk.ts';
import { segmentFile } from './recovery.ts';
import { readShelf } from './shelves.ts';

/**
 * Bodies in the folder's journal and shelves.
 * @param seeds the checksum seed of each segment, by its first LSN.
 * @param staged the bytes of a record that is not written yet.
 */
export function bodiesOf({ disk, seeds, staged }: BodyPlaces): BodySource {
  return {
    record(segment, part) {
      const seed = seeds.get(segment);
      if (seed === undefined) return undefined;
      const bytes = staged(segment, part) ?? readable(() => disk.readPart(segmentFile(segment), part));
      return bytes && { bytes, seed };
    },
    shelved: (place) => readable(() => readShelf(disk, place)),
  };
}

export interface BodyPlaces {
  readonly disk: Disk;
  readonly seeds: ReadonlyMap<number, number>;
  readonly staged: (
    segment: number,
    part: { readonly offset: number; readonly length: number },
  ) => Uint8Array | undefined;
}

/** A file that is gone or cannot be read is damage like any other. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (diskErrorCode(error) === undefined) throw error;
    return undefined;
  }
}
