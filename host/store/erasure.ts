import { HostError } from '#shared/host-error.ts';
import type { Disk } from './disk.ts';
import { encodeErasure } from './erasure-record.ts';
import { recordKind } from './frame.ts';
import { findPointers } from './meta-projection.ts';
import { removeTemporary } from './repair.ts';
import { isShelfName, pointerPrefix, removeShelf, shelfPlace } from './shelves.ts';
import { makeSnapshot, type SnapshotWorld } from './snapshot.ts';

/**
 * Deletion that leaves no byte (decision 13), of a shelf whose rows an event has deleted before.
 *
 *     erase in the journal → two snapshots, of an index that was written anew → shelf and quarantine → erased
 *
 * The two push everything from before out of the folder. Until `erased` stands in the journal, each opening begins
 * again; doing it twice does no harm.
 */
export function* finishErasures(world: ErasureWorld): Generator<void> {
  const { disk, erasing, writer } = world;
  const shelves = [...erasing];
  yield* makeSnapshot(world);
  yield* makeSnapshot(world);
  writer.checkOwner();
  for (const shelf of shelves) {
    if (isShelfName(shelf) && !hasRows(world, shelf)) removeShelf(disk, shelf);
  }
  emptyQuarantine(disk);
  removeTemporary(disk, writer.journal().segment.header.epoch);
  disk.syncFolder('.');
  writer.mark(recordKind.erased, ...shelves.map(encodeErasure));
  for (const shelf of shelves) erasing.delete(shelf);
}

export interface ErasureWorld extends SnapshotWorld {
  readonly erasing: Set<string>;
}

/**
 * Makes durable that a shelf is to be erased. From here on it will be, whatever happens. One whose name is no file's
 * has no file: its bodies were in its rows.
 * @throws HostError `store.conflict` while rows of the shelf are left, or the code of a read-only state
 */
export function beginErasure(world: ErasureWorld, shelf: string): void {
  if (hasRows(world, shelf)) throw rowsLeft(shelf);
  world.writer.mark(recordKind.erase, encodeErasure(shelf));
  world.erasing.add(shelf);
}

/** Bodies that had been moved to the shelf and that somebody still points to; text that only looks so leads nowhere. */
function hasRows({ db, source }: ErasureWorld, shelf: string): boolean {
  for (const { value } of findPointers(db, pointerPrefix(shelf))) {
    const place = shelfPlace(value);
    if (place !== undefined && source.shelved(place) !== undefined) return true;
  }
  return false;
}

function emptyQuarantine(disk: Disk): void {
  const names = disk.list('quarantine');
  for (const name of names) disk.remove(`quarantine/${name}`);
  if (names.length > 0) disk.syncFolder('quarantine');
}

function rowsLeft(shelf: string): HostError {
  const text = `${shelf} has rows still. Commit the event that deletes them first.`;
  return new HostError('store.conflict', text, { data: { shelf } });
}
