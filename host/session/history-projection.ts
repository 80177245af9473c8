import type { MessageID, PartID, SessionID } from '#shared/ids.ts';
import type { AssistantMessage, MessageInfo } from '#shared/message.ts';
import type { Part, ToolPart } from '#shared/part.ts';
import type { MessageWithParts, Session } from '#shared/session.ts';
import type { ProjectionDatabase, Row } from '../store/database.ts';
import { extended } from './view-projector.ts';

/** What the last Compaction left, and all since, without what was taken back or told in an earlier epoch. */
export function projectedHistory(db: ProjectionDatabase, id: SessionID): readonly MessageWithParts[] {
  const compaction = compactionOf(db, id);
  const epoch = db.get('SELECT seq FROM context_epoch WHERE session_id = ?', [id]);
  const epochStart = Number(epoch?.['seq'] ?? compaction?.end ?? 0);
  const since = messages(db, stretch, [id, compaction?.summarySeq ?? -1, endOf(db, id), epochStart]);
  return [...(compaction ? folded(db, compaction) : []), ...since];
}

/** Tokens that the last provider turn since the last Compaction had in its context; undefined before there is one. */
export function contextFill(db: ProjectionDatabase, id: SessionID): number | undefined {
  const row = db.get(lastUsage, [id, compactionOf(db, id)?.summarySeq ?? -1, endOf(db, id)]);
  if (!row) return undefined;
  const { input, output, cache } = json<AssistantMessage>(row['data']).tokens;
  return input + output + cache.read + cache.write;
}

/** Whether the last Compaction failed, and no prompt was admitted since: then none is tried unasked. */
export function foldFailed(db: ProjectionDatabase, id: SessionID): boolean {
  const row = db.get(lastSummary, [id, endOf(db, id)]);
  if (!row || json<AssistantMessage>(row['data']).error === undefined) return false;
  return !hasPromptSince(db, id, Number(row['seq']));
}

/** Whether Compaction was just done: one turn has run since at most, and no prompt was admitted. Another would gain little. */
export function justFolded(db: ProjectionDatabase, id: SessionID): boolean {
  const compaction = compactionOf(db, id);
  if (!compaction || hasPromptSince(db, id, compaction.summarySeq)) return false;
  return db.all(turnsSince, [id, compaction.summarySeq, endOf(db, id)]).length < 2;
}

function hasPromptSince(db: ProjectionDatabase, id: SessionID, seq: number): boolean {
  const sql = 'SELECT 1 FROM session_input WHERE session_id = ? AND admitted > ? LIMIT 1';
  return db.get(sql, [id, seq]) !== undefined;
}

/** The place in the journal from which on messages are taken back. */
function endOf(db: ProjectionDatabase, id: SessionID): number {
  const revert = sessionOf(db, id)?.revert;
  return revert ? seqOf(db, revert.messageID) : Number.MAX_SAFE_INTEGER;
}

/**
 * The Compaction that holds, as its fact has it. History goes on behind the summary's own place among the messages, so
 * that a copy of a session may tell the fact at any place behind that.
 */
export interface HeldCompaction {
  readonly summary: MessageID;
  readonly answered: readonly MessageID[];
  readonly kept: readonly MessageID[];
}

interface Compaction extends HeldCompaction {
  readonly summarySeq: number;
  /** The place in the journal where it was done. */
  readonly end: number;
}

/** The Compaction that holds: the last one whose summary was not taken back. */
function compactionOf(db: ProjectionDatabase, id: SessionID): Compaction | undefined {
  const row = db.get(lastCompaction, [id, endOf(db, id)]);
  return (
    row && {
      summary: String(row['summary_id']) as MessageID,
      summarySeq: Number(row['summary_seq']),
      answered: json(row['answered']),
      kept: json(row['kept']),
      end: Number(row['seq']),
    }
  );
}

function folded(db: ProjectionDatabase, { answered, summary, kept }: Compaction): MessageWithParts[] {
  const sql = 'SELECT id, data FROM message WHERE id = ?';
  return [...answered, summary, ...kept].flatMap((id) => messages(db, sql, [id]));
}

const lastCompaction = `SELECT summary_id, answered, kept, compaction.seq, message.seq AS summary_seq FROM compaction
  JOIN message ON message.id = summary_id WHERE compaction.session_id = ? AND message.seq < ?
  ORDER BY message.seq DESC LIMIT 1`;
const lastSummary =
  'SELECT data, seq FROM message WHERE session_id = ? AND seq < ? AND summary = 1 ORDER BY seq DESC LIMIT 1';
const lastUsage = `SELECT data FROM message WHERE session_id = ? AND seq > ? AND seq < ? AND summary = 0
  AND json_extract(data, '$.tokens.input') + json_extract(data, '$.tokens.output')
  + json_extract(data, '$.tokens.cache.read') + json_extract(data, '$.tokens.cache.write') > 0
  ORDER BY seq DESC LIMIT 1`;
const turnsSince = `SELECT 1 FROM message WHERE session_id = ? AND seq > ? AND seq < ? AND summary = 0
  AND json_extract(data, '$.role') = 'assistant' LIMIT 2`;
/** A Mid-Conversation System Message of an earlier epoch is part of the baseline of this one (RT-07). */
const stretch = `SELECT id, data FROM message WHERE session_id = ? AND seq > ? AND seq < ? AND summary = 0
  AND NOT (seq < ? AND EXISTS (SELECT 1 FROM part WHERE message_id = message.id AND context = 1)) ORDER BY seq`;

export function deleteMessage(db: ProjectionDatabase, id: string): void {
  db.run('DELETE FROM part_delta WHERE part_id IN (SELECT id FROM part WHERE message_id = ?)', [id]);
  db.run('DELETE FROM part WHERE message_id = ?', [id]);
  db.run('DELETE FROM file_change WHERE message_id = ?', [id]);
  db.run('DELETE FROM compaction WHERE summary_id = ?', [id]);
  db.run('DELETE FROM message WHERE id = ?', [id]);
}

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

export function sessionOf(db: ProjectionDatabase, id: SessionID): Session | undefined {
  const row = db.get('SELECT data FROM session WHERE id = ?', [id]);
  return row && json<Session>(row['data']);
}

export function seqOf(db: ProjectionDatabase, id: MessageID): number {
  return Number(db.get('SELECT seq FROM message WHERE id = ?', [id])?.['seq'] ?? 0);
}

/** The messages that `chosen` selects (their `id` and `data`), in its order, whole: three statements, however many. */
export function messages(
  db: ProjectionDatabase,
  chosen: string,
  params: readonly (string | number)[],
): MessageWithParts[] {
  const ofMessages = `(${chosen}) AS chosen JOIN part ON part.message_id = chosen.id`;
  const parts = Map.groupBy(
    db.all(`SELECT part.* FROM ${ofMessages} ORDER BY part.seq, part.rowid`, params),
    (row) => row['message_id'],
  );
  const deltas = Map.groupBy(
    db.all(
      `SELECT part_delta.* FROM ${ofMessages} JOIN part_delta ON part_delta.part_id = part.id ORDER BY part_delta.seq`,
      params,
    ),
    (row) => row['part_id'],
  );
  return db.all(chosen, params).map(({ id = null, data }) => ({
    info: json<MessageInfo>(data),
    parts: (parts.get(id) ?? []).map((row) => partOf(db, row, deltas.get(row['id']) ?? [])),
  }));
}

/** Tool parts by their ids, in the order asked for; those that are gone are left out. */
export function toolParts(db: ProjectionDatabase, ids: readonly PartID[]): readonly Part[] {
  return ids
    .map((id) => db.get('SELECT data, pruned FROM part WHERE id = ?', [id]))
    .flatMap((row) => (row ? [partOf(db, row, [])] : []));
}

function partOf(db: ProjectionDatabase, row: Row, deltas: readonly Row[]): Part {
  const part = body<Part>(db, row['data']);
  if (part.type === 'tool') return withPruning(part, row['pruned']);
  if (part.type !== 'text' && part.type !== 'reasoning') return part;
  return deltas.reduce((grown, { delta, ended = null }) => {
    const end = ended === null ? {} : { end: Number(ended) };
    return extended(grown, { delta: body<string>(db, delta), ...end });
  }, part);
}

/** The whole text of a text part's row: its `id` and `data`. */
export function textOf(db: ProjectionDatabase, row: Row): string {
  const sql = 'SELECT delta, ended FROM part_delta WHERE part_id = ? ORDER BY seq';
  const part = partOf(db, row, db.all(sql, [String(row['id'])]));
  return part.type === 'text' ? part.text : '';
}

function withPruning(part: ToolPart, pruned: Row[string] | undefined): ToolPart {
  if (typeof pruned !== 'number' || part.state.status !== 'completed') return part;
  return { ...part, state: { ...part.state, time: { ...part.state.time, compacted: pruned } } };
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
