import { hasCode } from '#shared/host-error.ts';
import { type BodySource, bodyBytes, journaledLength } from './body.ts';
import type { IndexDatabase, Row } from './database.ts';
import type { Group } from './group.ts';
import { findPointers } from './meta-projection.ts';
import type { BodyColumn } from './projection.ts';
import { isShelfName, type ShelvedBody, type Shelves } from './shelves.ts';

/**
 * Moves bodies from the journal to their shelves, a few megabytes at a time: after each, requests that wait get their
 * turn. A crash in between leaves bytes that nothing points to. Throws Node's errors, and `store.damaged` for a body
 * that cannot be read.
 */
export function* moveBodies(world: BodyWorld): Generator<void> {
  while (moveSome(world)) yield;
}

export interface BodyWorld {
  readonly db: IndexDatabase;
  readonly group: Group;
  readonly columns: readonly BodyColumn[];
  readonly source: BodySource;
  readonly shelves: Shelves;
}

/** @returns whether there may be more. Commits of the meantime bring new ones. */
export function moveSome({ db, group, columns, source, shelves }: BodyWorld): boolean {
  const { rows, isAll } = someOf(db, columns);
  if (rows.length === 0) return false;
  const bodies = rows.map(({ row }) => shelved(row, source));
  const pointers = shelves.put(bodies.filter((body): body is ShelvedBody => 'shelf' in body)).values();
  group.alone(() => {
    for (const [index, { row, update }] of rows.entries()) {
      const body = bodies[index];
      const column =
        body !== undefined && 'shelf' in body ? pointers.next().value : body?.bytes.toString('utf8');
      if (db.run(update, { ...row, body: column ?? '' }) === 0)
        throw new TypeError(`Changes no row: ${update}`);
    }
  });
  return !isAll;
}

/**
 * A pointer into the journal would be lost with its segment.
 * @throws TypeError when a column holds one that no projection declares
 */
export function requireMoved({ db, source }: BodyWorld): void {
  for (const { place, value } of findPointers(db, '@')) {
    if (journaledLength(value) !== undefined && leadsSomewhere(value, source))
      throw new TypeError(`${place} holds a body, and no projection's bodies say so.`);
  }
}

const mostBytes = 4 * 1024 * 1024;

interface Found {
  readonly row: Row;
  readonly update: string;
}

function someOf(
  db: IndexDatabase,
  columns: readonly BodyColumn[],
): { readonly rows: readonly Found[]; readonly isAll: boolean } {
  const rows: Found[] = [];
  let bytes = 0;
  for (const { select, update } of columns) {
    for (const row of db.all(select)) {
      const length = journaledLength(row['body']);
      if (length === undefined) continue;
      if (bytes > mostBytes) return { rows, isAll: false };
      rows.push({ row, update });
      bytes += length;
    }
  }
  return { rows, isAll: true };
}

/** Without an owner whose name can be a file's, a body stays in its row. */
function shelved(row: Row, source: BodySource): ShelvedBody | { readonly bytes: Buffer } {
  const bytes = bodyBytes(String(row['body']), source);
  const shelf = row['shelf'];
  return isShelfName(shelf) ? { shelf, bytes } : { bytes };
}

/** Text that only looks like a pointer leads nowhere. */
function leadsSomewhere(value: string, source: BodySource): boolean {
  try {
    return bodyBytes(value, source).length > 0;
  } catch (error) {
    if (hasCode(error, 'store.damaged')) return false;
    throw error;
  }
}
