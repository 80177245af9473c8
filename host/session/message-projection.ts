import type { MessageID, SessionID } from '#shared/ids.ts';
import type { AssistantMessage, MessageInfo } from '#shared/message.ts';
import type { Part, ToolPart } from '#shared/part.ts';
import type { Session } from '#shared/session.ts';
import type { ProjectionDatabase, Row } from '../store/database.ts';

/** A message keeps the place where it first stood. */
export function putMessage(db: ProjectionDatabase, info: MessageInfo, seq: number): void {
  const isOpen = isAssistant(info) && info.time.completed === undefined;
  const summary = isAssistant(info) && info.summary === true;
  db.run(
    `INSERT INTO message (id, session_id, data, seq, open, summary)
     VALUES (:id, :session, :data, :seq, :open, :summary)
     ON CONFLICT(id) DO UPDATE SET data = :data, open = :open`,
    { id: info.id, session: info.sessionID, data: JSON.stringify(info), seq, open: isOpen, summary },
  );
}

export function putPart(db: ProjectionDatabase, part: Part, seq: number): void {
  db.run(
    `INSERT INTO part (id, message_id, data, seq, context, type) VALUES (:id, :message, :data, :seq, :context, :type)
     ON CONFLICT(id) DO UPDATE SET data = :data`,
    {
      id: part.id,
      message: part.messageID,
      data: db.body(part),
      seq,
      context: part.type === 'context',
      type: part.type,
    },
  );
  const output = part.type === 'tool' ? outputPathOf(part) : undefined;
  if (output === undefined) return;
  db.run('INSERT OR IGNORE INTO output_file (session_id, path) VALUES (?, ?)', [part.sessionID, output]);
}

function outputPathOf({ state }: ToolPart): string | undefined {
  return state.status === 'completed' || state.status === 'error' ? state.metadata?.outputPath : undefined;
}

export function deleteMessage(db: ProjectionDatabase, id: string): void {
  db.run('DELETE FROM part_delta WHERE part_id IN (SELECT id FROM part WHERE message_id = ?)', [id]);
  db.run('DELETE FROM part WHERE message_id = ?', [id]);
  db.run('DELETE FROM file_change WHERE message_id = ?', [id]);
  db.run('DELETE FROM compaction WHERE summary_id = ?', [id]);
  db.run('DELETE FROM message WHERE id = ?', [id]);
}

export function sessionOf(db: ProjectionDatabase, id: SessionID): Session | undefined {
  const row = db.get('SELECT data FROM session WHERE id = ?', [id]);
  return row && json<Session>(row['data']);
}

export function seqOf(db: ProjectionDatabase, id: MessageID): number {
  return Number(db.get('SELECT seq FROM message WHERE id = ?', [id])?.['seq'] ?? 0);
}

export function isAssistant(info: MessageInfo): info is AssistantMessage {
  return info.role === 'assistant';
}

/** Rows hold what an event's schema let in, so that reading them back needs no second decoding. */
export function json<T>(column: Row[string] | undefined): T {
  return JSON.parse(String(column)) as T;
}

export function body<T>(db: ProjectionDatabase, column: Row[string] | undefined): T {
  return db.resolve(String(column)) as T;
}
