import { type Disk, type DiskFile, diskErrorCode } from './disk.ts';
import { recordKind } from './frame.ts';
import { writeMeta } from './meta-projection.ts';
import { type BodyWorld, moveBodies, moveSome, requireMoved } from './move-bodies.ts';
import { migrationsOf } from './open-index.ts';
import type { AnyProjection } from './projection.ts';
import { coveredSegments } from './recovery.ts';
import {
  encodeSnapshotHead,
  hasGoodHead,
  listSnapshots,
  type SnapshotName,
  snapshotFile,
  snapshotPiece,
  verifySnapshot,
} from './snapshot-file.ts';
import type { Backlog } from './snapshot-policy.ts';
import { refusal } from './state.ts';
import type { Writer } from './writer.ts';

/**
 * Makes a snapshot, so that the journal may become short again. Each step is taken when no commit is staged, and
 * between steps requests that wait get their turn.
 *
 *     rotate → bodies to their shelves → image of the index → .tmp, synced → rename, synced → read back → remove
 *
 * What is durable stays so whichever step fails; it throws Node's errors, `store.damaged` or `store.other-owner`.
 */
export function* makeSnapshot(world: SnapshotWorld): Generator<void> {
  const { disk, writer, backlog } = world;
  writer.rotate();
  yield* moveBodies(world);
  const held = backlog.grown;
  const image = takeImage(world);
  const snapshot = { file: snapshotFile(image.lsn), lsn: image.lsn };
  yield;
  yield* writeSnapshot(world, snapshot, image.index);
  yield* requireWhole(world, snapshot);
  backlog.succeeded({ held, size: image.index.length });
  writer.checkOwner();
  const failure = writer.attempt(() => removeCovered(disk, snapshot));
  // What stays behind is removed after the next one; only an erasure is not done with it.
  if (failure !== undefined && world.erasing.size > 0) throw refusal(failure);
}

export interface SnapshotWorld extends BodyWorld {
  readonly disk: Disk;
  readonly writer: Writer;
  readonly projections: readonly AnyProjection[];
  readonly backlog: Backlog;
  readonly erasing: ReadonlySet<string>;
}

interface Image {
  readonly lsn: number;
  readonly index: Uint8Array;
}

/**
 * The index as of the last acknowledged record. The journal goes on in a segment that begins right behind it: what is
 * in the snapshot is never read again for what is not.
 */
function takeImage(world: SnapshotWorld): Image {
  const { db, group, writer, projections, erasing } = world;
  // What commits brought since the last look.
  for (let isMore = true; isMore; ) isMore = moveSome(world);
  requireMoved(world);
  claimName(world);
  writer.rotate();
  const { lsn } = writer.journal();
  const meta = { seq: group.seq, lsn, migrations: migrationsOf(projections), erasing: [...erasing] };
  group.alone(() => writeMeta(db, meta));
  const index = group.outside(() => {
    // Free pages still hold what was deleted.
    if (erasing.size > 0) db.execute('VACUUM');
    return db.export();
  });
  return { lsn, index };
}

/** A snapshot is named after the last record: where there is one of that name, a mark makes another record the last. */
function claimName({ disk, writer }: SnapshotWorld): void {
  if (disk.list('.').includes(snapshotFile(writer.journal().lsn))) writer.mark(recordKind.close, '{}');
}

function* writeSnapshot(
  { disk, writer }: SnapshotWorld,
  { file, lsn }: SnapshotName,
  index: Uint8Array,
): Generator<void> {
  // Its name is this owner's alone: whatever comes, it can be removed.
  const temporary = `${file}.${writer.journal().segment.header.epoch}.tmp`;
  writer.checkOwner();
  if (disk.list('.').includes(temporary)) disk.remove(temporary);
  let isDone = false;
  try {
    yield* fill(disk.create(temporary), encodeSnapshotHead(lsn, index), index);
    writer.checkOwner();
    disk.rename(temporary, file);
    isDone = true;
  } finally {
    if (!isDone) removeQuietly(disk, temporary);
  }
  disk.syncFolder('.');
}

function* fill(file: DiskFile, head: Uint8Array, index: Uint8Array): Generator<void> {
  try {
    file.write(head, 0);
    for (let at = 0; at < index.length; at += snapshotPiece) {
      file.write(index.subarray(at, at + snapshotPiece), head.length + at);
      // Bit by bit, so that no sync takes long.
      file.sync();
      yield;
    }
  } finally {
    file.close();
  }
}

/** One that was not read back must not stand in for older files. */
function* requireWhole({ disk, writer }: SnapshotWorld, snapshot: SnapshotName): Generator<void> {
  let isWhole = false;
  try {
    isWhole = yield* verifySnapshot(disk, snapshot);
  } finally {
    if (!isWhole && writer.isOwner) removeQuietly(disk, snapshot.file);
  }
  if (isWhole) return;
  throw Object.assign(new Error(`${snapshot.file} does not read back.`), { code: 'EIO', syscall: 'read' });
}

/**
 * Removes what two snapshots make unneeded: the new one, and the newest before it, which is to stand in for it.
 * Without another one the whole journal does.
 */
function removeCovered(disk: Disk, newest: SnapshotName): void {
  const older = listSnapshots(disk).filter(({ lsn }) => lsn < newest.lsn);
  const second = older.findIndex((snapshot) => hasGoodHead(disk, snapshot));
  const standIn = older[second];
  if (standIn === undefined) return;
  for (const { file } of older.slice(second + 1)) disk.remove(file);
  for (const file of coveredSegments(disk, standIn.lsn)) disk.remove(file);
}

/** Left behind, it is removed at the next opening (R1). There may be none: its creation may be what failed. */
function removeQuietly(disk: Disk, file: string): void {
  try {
    disk.remove(file);
  } catch (error) {
    if (diskErrorCode(error) === undefined) throw error;
  }
}
