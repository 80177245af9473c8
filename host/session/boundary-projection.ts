import type { MessageID, SessionID } from '#shared/ids.ts';
import type { AssistantMessage } from '#shared/message.ts';
import type { JsonObject } from '#shared/part.ts';
import type { AdmittedPrompt, Session } from '#shared/session.ts';
import type { ProjectionDatabase } from '../store/database.ts';
import { compactionOf, endOf } from './history-projection.ts';
import { body, json, seqOf, sessionOf } from './message-projection.ts';
import { idsFrom, tellsContext } from './upkeep-projection.ts';

export interface EpochRow {
  readonly baseline: string;
  readonly snapshot: JsonObject;
}

export interface BoundaryRow {
  readonly session: Session | undefined;
  readonly epoch: EpochRow | undefined;
  /** The newest user message in history. */
  readonly lastPrompt: MessageID | undefined;
  /** Admitted Prompts that are not in history yet, oldest first. */
  readonly inbox: readonly AdmittedPrompt[];
  /** Tokens that the last provider turn since the last Compaction had in its context, its answer included. */
  readonly fill: number | undefined;
  /** The last Compaction failed or was interrupted, and no prompt was admitted since. */
  readonly foldFailed: boolean;
  /** At most one provider turn has run since the last Compaction, and no prompt was admitted. */
  readonly justFolded: boolean;
  /** What is taken back: it is gone for good once a turn starts. */
  readonly reverted: readonly MessageID[];
}

/** All that the start of a provider turn looks at, in one answer. */
export function boundaryOf(db: ProjectionDatabase, id: SessionID): BoundaryRow {
  const session = sessionOf(db, id);
  const end = session?.revert ? seqOf(db, session.revert.messageID) : Number.MAX_SAFE_INTEGER;
  const reverted = idsFrom(db, id, end);
  const epoch = tellsContext(db, reverted) ? undefined : db.get(epochOf, [id]);
  const last = db.get(lastPrompt, [id, end]);
  return {
    session,
    epoch: epoch && { baseline: body(db, epoch['baseline']), snapshot: body(db, epoch['snapshot']) },
    lastPrompt: last && (String(last['id']) as MessageID),
    inbox: inboxOf(db, id),
    fill: contextFill(db, id),
    foldFailed: foldFailed(db, id),
    justFolded: justFolded(db, id),
    reverted,
  };
}

/** Admitted Prompts that are not in history yet, oldest first. */
export function inboxOf(db: ProjectionDatabase, id: SessionID): readonly AdmittedPrompt[] {
  const sql = 'SELECT data FROM session_input WHERE session_id = ? AND promoted IS NULL ORDER BY admitted';
  return db.all(sql, [id]).map(({ data }) => body<AdmittedPrompt>(db, data));
}

const epochOf = 'SELECT baseline, snapshot FROM context_epoch WHERE session_id = ?';
const lastPrompt =
  "SELECT id FROM message WHERE session_id = ? AND seq < ? AND json_extract(data, '$.role') = 'user' ORDER BY seq DESC LIMIT 1";

/** Tokens that the last provider turn since the last Compaction had in its context; undefined before there is one. */
function contextFill(db: ProjectionDatabase, id: SessionID): number | undefined {
  const row = db.get(lastUsage, [id, compactionOf(db, id)?.summarySeq ?? -1, endOf(db, id)]);
  if (!row) return undefined;
  const { input, output, cache } = json<AssistantMessage>(row['data']).tokens;
  return input + output + cache.read + cache.write;
}

/** Whether the last Compaction failed, and no prompt was admitted since: then none is tried unasked. */
function foldFailed(db: ProjectionDatabase, id: SessionID): boolean {
  const row = db.get(lastSummary, [id, endOf(db, id)]);
  if (!row || json<AssistantMessage>(row['data']).error === undefined) return false;
  return !hasPromptSince(db, id, Number(row['seq']));
}

/** Whether Compaction was just done: one turn has run since at most, and no prompt was admitted. Another would gain little. */
function justFolded(db: ProjectionDatabase, id: SessionID): boolean {
  const compaction = compactionOf(db, id);
  if (!compaction || hasPromptSince(db, id, compaction.summarySeq)) return false;
  return db.all(turnsSince, [id, compaction.summarySeq, endOf(db, id)]).length < 2;
}

function hasPromptSince(db: ProjectionDatabase, id: SessionID, seq: number): boolean {
  const sql = 'SELECT 1 FROM session_input WHERE session_id = ? AND admitted > ? LIMIT 1';
  return db.get(sql, [id, seq]) !== undefined;
}

const lastSummary =
  'SELECT data, seq FROM message WHERE session_id = ? AND seq < ? AND summary = 1 ORDER BY seq DESC LIMIT 1';
const lastUsage = `SELECT data FROM message WHERE session_id = ? AND seq > ? AND seq < ? AND summary = 0
  AND json_extract(data, '$.tokens.input') + json_extract(data, '$.tokens.output')
  + json_extract(data, '$.tokens.cache.read') + json_extract(data, '$.tokens.cache.write') > 0
  ORDER BY seq DESC LIMIT 1`;
const turnsSince = `SELECT 1 FROM message WHERE session_id = ? AND seq > ? AND seq < ? AND summary = 0
  AND json_extract(data, '$.role') = 'assistant' LIMIT 2`;
