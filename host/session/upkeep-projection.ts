import type { MessageID, PartID, SessionID } from '#shared/ids.ts';
import type { MessageWithParts } from '#shared/session.ts';
import type { FileChange } from '../snapshot/file-state.ts';
import type { ProjectionDatabase } from '../store/database.ts';
import { type HeldCompaction, messages } from './history-projection.ts';
import { deleteMessage, json, seqOf } from './message-projection.ts';

/** What a closed window left half done: a session that was being copied in, or one whose bytes are still there. */
export interface Unfinished {
  readonly id: SessionID;
  readonly type: 'copy' | 'erase';
  /** Managed Tool Output Files that were named by it and are named by no other session. */
  readonly outputs: readonly string[];
}

/** Ids of the sessions below this one, deepest first. */
export function childrenOf(db: ProjectionDatabase, id: SessionID): readonly SessionID[] {
  return db
    .all("SELECT id FROM session WHERE json_extract(data, '$.parentID') = ?", [id])
    .map((row) => String(row['id']) as SessionID)
    .flatMap((child) => [...childrenOf(db, child), child]);
}

/** Takes all rows of a session away, and remembers what of it lies outside the index. */
export function deleteSession(db: ProjectionDatabase, id: SessionID): void {
  const outputs = db.all('SELECT path FROM output_file WHERE session_id = ?', [id]).map(({ path }) => path);
  for (const row of db.all('SELECT id FROM message WHERE session_id = ?', [id]))
    deleteMessage(db, String(row['id']));
  for (const table of [
    'session_input',
    'context_epoch',
    'compaction',
    'file_change',
    'revert',
    'output_file',
  ]) {
    db.run(`DELETE FROM ${table} WHERE session_id = ?`, [id]);
  }
  db.run('DELETE FROM session WHERE id = ?', [id]);
  db.run('INSERT OR REPLACE INTO unfinished (session_id, type, outputs) VALUES (?, ?, ?)', [
    id,
    'erase',
    JSON.stringify(outputs),
  ]);
}

export function beginCopy(db: ProjectionDatabase, id: SessionID): void {
  db.run("INSERT OR REPLACE INTO unfinished (session_id, type, outputs) VALUES (?, 'copy', '[]')", [id]);
}

export function finish(db: ProjectionDatabase, id: SessionID): void {
  db.run('DELETE FROM unfinished WHERE session_id = ?', [id]);
}

export function unfinished(db: ProjectionDatabase): readonly Unfinished[] {
  return db.all('SELECT session_id, type, outputs FROM unfinished').map((row) => ({
    id: String(row['session_id']) as SessionID,
    type: row['type'] === 'copy' ? 'copy' : 'erase',
    outputs: json<readonly string[]>(row['outputs']).filter(
      (path) => !db.get('SELECT 1 FROM output_file WHERE path = ?', [path]),
    ),
  }));
}

/** Managed Tool Output Files that a session names. */
export function namedOutputs(db: ProjectionDatabase): readonly string[] {
  return db.all('SELECT DISTINCT path FROM output_file').map(({ path }) => String(path));
}

/** The hashes of the file contents that a fact names: of these sessions, or without `ids` of any. */
export function namedContents(db: ProjectionDatabase, ids?: readonly SessionID[]): readonly string[] {
  const rows = (columns: string) =>
    ids?.flatMap((id) => db.all(`SELECT ${columns} WHERE session_id = ?`, [id])) ??
    db.all(`SELECT ${columns}`);
  const changes = rows('data FROM file_change').map(({ data }) => json<FileChange>(data));
  const reverted = rows('files FROM revert').flatMap(({ files }) => json<readonly FileChange[]>(files));
  const states = [...changes, ...reverted].flatMap(({ before, after }) => [before, after]);
  return [...new Set(states.flatMap((state) => (state.type === 'content' ? [state.hash] : [])))];
}

/** What a tool changed, and in which turn. */
export type FileChangeRow = FileChange & { readonly messageID: MessageID };

/** A stretch of history that is taken back. */
export interface TakenBack {
  readonly messages: readonly MessageWithParts[];
  readonly changes: readonly FileChangeRow[];
}

/** What a revert to before `from` takes back. */
export function takenBack(
  db: ProjectionDatabase,
  { id, from }: { readonly id: SessionID; readonly from: MessageID },
): TakenBack {
  const stretch = [id, seqOf(db, from)];
  const changes = db.all(changesWithin, stretch).map((row) => ({
    ...json<FileChange>(row['data']),
    messageID: String(row['message_id']) as MessageID,
  }));
  return { messages: messages(db, within, stretch), changes };
}

const changesWithin = `SELECT file_change.data AS data, message_id FROM file_change JOIN message
  ON message.id = message_id WHERE file_change.session_id = ? AND message.seq >= ?
  ORDER BY file_change.seq, file_change.rowid`;
const within = 'SELECT id, data FROM message WHERE session_id = ? AND seq >= ? ORDER BY seq';

/** Ids of the messages from a place of the journal on. */
export function idsFrom(db: ProjectionDatabase, id: SessionID, seq: number): readonly MessageID[] {
  const rows = db.all('SELECT id FROM message WHERE session_id = ? AND seq >= ? ORDER BY seq', [id, seq]);
  return rows.map((row) => String(row['id']) as MessageID);
}

/** Whether a change of the System Context was told in one of these messages. */
export function tellsContext(db: ProjectionDatabase, ids: readonly MessageID[]): boolean {
  const sql = 'SELECT 1 FROM part WHERE message_id = ? AND context = 1';
  return ids.some((id) => db.get(sql, [id]) !== undefined);
}

/** Prompts and answers from a message on; what the host told the model in between is not counted. */
export function countFrom(db: ProjectionDatabase, id: SessionID, from: MessageID): number {
  const row = db.get(countMessages, [id, seqOf(db, from)]);
  return Number(row?.['count'] ?? 0);
}

const countMessages = `SELECT COUNT(*) AS count FROM message WHERE session_id = ? AND seq >= ?
  AND json_extract(data, '$.synthetic') IS NULL`;

/** A session's Compactions, oldest first. */
export function compactionsOf(db: ProjectionDatabase, id: SessionID): readonly HeldCompaction[] {
  const sql = 'SELECT summary_id, answered, kept FROM compaction WHERE session_id = ? ORDER BY seq';
  return db.all(sql, [id]).map((row) => ({
    summary: String(row['summary_id']) as MessageID,
    answered: json(row['answered']),
    kept: json(row['kept']),
  }));
}

export interface TakenIds {
  readonly session?: SessionID;
  readonly messages: readonly MessageID[];
  readonly parts: readonly PartID[];
}

/** Whether one of these ids is somebody's already. */
export function isTaken(db: ProjectionDatabase, { session, messages, parts }: TakenIds): boolean {
  const has = (sql: string, id: string) => db.get(sql, [id]) !== undefined;
  return (
    (session !== undefined &&
      (has('SELECT 1 FROM session WHERE id = ?', session) ||
        has('SELECT 1 FROM unfinished WHERE session_id = ?', session))) ||
    messages.some(
      (id) =>
        has('SELECT 1 FROM message WHERE id = ?', id) || has('SELECT 1 FROM session_input WHERE id = ?', id),
    ) ||
    parts.some((id) => has('SELECT 1 FROM part WHERE id = ?', id))
  );
}
