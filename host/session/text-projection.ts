import type { PartID } from '#shared/ids.ts';
import type { Part } from '#shared/part.ts';
import type { ProjectionDatabase } from '../store/database.ts';
import { type MessagesText, type StoredPart, type StretchText, wholePart } from './history/messages-text.ts';

/** The messages of these selections, one after the other, whole: two statements each, however many messages. */
export function messagesText(db: ProjectionDatabase, ...selections: readonly Selection[]): MessagesText {
  return { stretches: selections.map((selection) => stretchText(db, selection)) };
}

export interface Selection {
  /** Selects messages by their `id` and `data`, in order, each once. */
  readonly chosen: string;
  readonly params: readonly (string | number)[];
  /** Columns that `chosen` selects and is in strict order of: for very many messages, so that SQLite need not sort. */
  readonly inOrderOf?: readonly string[];
}

/** SQLite puts the texts of the rows together: a third of the time that it takes to look at each row. */
function stretchText(db: ProjectionDatabase, { chosen, params, inOrderOf = [] }: Selection): StretchText {
  const order = [...inOrderOf.map((column) => `chosen.${column}`), 'part.seq', 'part.rowid'].join(', ');
  const infos = db.get(`SELECT ${listOf('data')} AS json FROM (${chosen})`, params);
  const parts = db.get(
    `SELECT ${listOf('json')} AS json FROM (SELECT ${storedPart} AS json FROM (${chosen}) AS chosen
       JOIN part ON part.message_id = chosen.id ORDER BY ${order})`,
    params,
  );
  return { infos: String(infos?.['json']), parts: withBodies(db, String(parts?.['json'])) };
}

/** SQL of a JSON list of the rows' JSON; they come in the order of what is selected from. */
function listOf(json: string): string {
  return `'[' || coalesce(group_concat(${json}, ','), '') || ']'`;
}

/** Around a pointer that stands where its body belongs: a character that JSON never holds as it is. */
const mark = '\u0001';

/** SQL of the JSON of a column made by `db.body`, or of its pointer between marks. */
function bodyText(column: string): string {
  return `iif(${column} GLOB '[@#]*', char(1) || ${column} || char(1), ${column})`;
}

const delta = `'[' || ${bodyText('delta')} || ',' || coalesce(ended, 'null') || ']'`;
const deltas = `(SELECT ${listOf('json')} FROM
  (SELECT ${delta} AS json FROM part_delta WHERE part_id = part.id ORDER BY part_delta.seq))`;
const isUnchanged = 'part.pruned IS NULL AND NOT EXISTS (SELECT 1 FROM part_delta WHERE part_id = part.id)';

/** SQL of the JSON of a `StoredPart`, for `partOf`. Most are as their row has them. */
export const storedPart = `iif(${isUnchanged}, ${bodyText('part.data')}, '{"type":"changed","part":'
  || ${bodyText('part.data')} || ',"pruned":' || coalesce(part.pruned, 'null') || ',"deltas":' || ${deltas} || '}')`;

/** The part whose `storedPart` was selected. */
export function partOf(db: ProjectionDatabase, json: string): Part {
  const stored: StoredPart = JSON.parse(withBodies(db, json));
  return wholePart(stored);
}

/** Tool parts by their ids, in the order asked for; those that are gone are left out. */
export function toolParts(db: ProjectionDatabase, ids: readonly PartID[]): readonly Part[] {
  const sql = `SELECT ${storedPart} AS json FROM part WHERE id = ?`;
  return ids.flatMap((id) => {
    const row = db.get(sql, [id]);
    return row ? [partOf(db, String(row['json']))] : [];
  });
}

function withBodies(db: ProjectionDatabase, json: string): string {
  if (!json.includes(mark)) return json;
  const pieces = json.split(mark);
  return pieces.map((piece, at) => (at % 2 === 0 ? piece : JSON.stringify(db.resolve(piece)))).join('');
}
