import type { MessageID, SessionID } from '#shared/ids.ts';
import type { MessageWithParts } from '#shared/session.ts';
import type { ProjectionDatabase } from '../store/database.ts';
import { type MessagesText, parseMessages } from './history/messages-text.ts';
import { json, seqOf, sessionOf } from './message-projection.ts';
import { messagesText, type Selection } from './text-projection.ts';

/** What the last Compaction left, and all since, without what was taken back or told in an earlier epoch. */
export function projectedHistory(db: ProjectionDatabase, id: SessionID): MessagesText {
  const { folded, since } = historyOf(db, id);
  return messagesText(db, ...(folded ? [folded] : []), since);
}

/** The last message of it. */
export function lastOfHistory(db: ProjectionDatabase, id: SessionID): MessageWithParts | undefined {
  const { folded, since } = historyOf(db, id);
  const [last] = messages(db, `${since.chosen} DESC LIMIT 1`, since.params);
  return last ?? (folded && messages(db, folded.chosen, folded.params).at(-1));
}

interface History {
  /** What Compaction left. */
  readonly folded: Selection | undefined;
  readonly since: Selection;
}

function historyOf(db: ProjectionDatabase, id: SessionID): History {
  const compaction = compactionOf(db, id);
  const epoch = db.get('SELECT seq FROM context_epoch WHERE session_id = ?', [id]);
  const epochStart = Number(epoch?.['seq'] ?? compaction?.end ?? 0);
  const params = [id, compaction?.summarySeq ?? -1, endOf(db, id), epochStart];
  return {
    folded: compaction && foldedInto(compaction),
    since: { chosen: stretch, params, inOrderOf: ['seq', 'place'] },
  };
}

function foldedInto({ answered, summary, kept }: Compaction): Selection {
  return { chosen: named, params: [JSON.stringify([...new Set([...answered, summary, ...kept])])] };
}

/** The place in the journal from which on messages are taken back. */
export function endOf(db: ProjectionDatabase, id: SessionID): number {
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
export function compactionOf(db: ProjectionDatabase, id: SessionID): Compaction | undefined {
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

/** In the order of their names. */
const named = `SELECT message.id AS id, message.data AS data FROM json_each(?) AS name
  JOIN message ON message.id = name.value ORDER BY name.key`;
const lastCompaction = `SELECT summary_id, answered, kept, compaction.seq, message.seq AS summary_seq FROM compaction
  JOIN message ON message.id = summary_id WHERE compaction.session_id = ? AND message.seq < ?
  ORDER BY message.seq DESC LIMIT 1`;
/** A Mid-Conversation System Message of an earlier epoch is part of the baseline of this one (RT-07). */
const stretch = `SELECT id, data, seq, rowid AS place FROM message
  WHERE session_id = ? AND seq > ? AND seq < ? AND summary = 0 AND NOT (seq < ? AND EXISTS (SELECT 1 FROM part WHERE message_id = message.id AND context = 1)) ORDER BY seq`;

/** The messages that `chosen` selects (their `id` and `data`), in its order, whole. */
export function messages(
  db: ProjectionDatabase,
  chosen: string,
  params: readonly (string | number)[],
): readonly MessageWithParts[] {
  return parseMessages(messagesText(db, { chosen, params }));
}
