import type { MessageID, PartID, SessionID } from '#shared/ids.ts';
import type { AssistantMessage } from '#shared/message.ts';
import type { Part } from '#shared/part.ts';
import type { AdmittedPrompt, MessageWithParts, Session } from '#shared/session.ts';
import type { FileChange } from '../snapshot/file-state.ts';
import type { QueryTable } from '../store/projection.ts';
import { type BoundaryRow, boundaryOf, inboxOf } from './boundary-projection.ts';
import type { MessagesText } from './history/messages-text.ts';
import { type HeldCompaction, lastOfHistory, messages, projectedHistory } from './history-projection.ts';
import { body, isAssistant, json, seqOf, sessionOf } from './message-projection.ts';
import { type SearchedStep, type SearchStep, searchTexts } from './search-projection.ts';
import { toolParts } from './text-projection.ts';
import { type Opening, openingOf } from './titles/title-projection.ts';
import {
  childrenOf,
  compactionsOf,
  isTaken,
  namedContents,
  namedOutputs,
  type TakenBack,
  type TakenIds,
  takenBack,
  type Unfinished,
  unfinished,
} from './upkeep-projection.ts';

/** What the session tables are asked. */
export const sessionQueries = {
  'session.get': (db, id: SessionID) => sessionOf(db, id),
  /** All sessions, the one changed last first. */
  'session.list': (db) => db.all(listed).map(({ data }) => json<Session>(data)),
  'session.input': (db, id: MessageID): InboxRow | undefined => {
    const row = db.get('SELECT data, promoted FROM session_input WHERE id = ?', [id]);
    return row && { prompt: body<AdmittedPrompt>(db, row['data']), promoted: row['promoted'] !== null };
  },
  /** Admitted Prompts that are not in history yet, oldest first. */
  'session.inbox': (db, id: SessionID) => inboxOf(db, id),
  /** All that the start of a provider turn looks at, in one answer. */
  'session.boundary': (db, id: SessionID): BoundaryRow => boundaryOf(db, id),
  /** Session History as a provider turn gets it: after Compaction, epoch and revert. */
  'session.history': (db, id: SessionID): MessagesText => projectedHistory(db, id),
  'session.last-message': (db, id: SessionID): MessageWithParts | undefined => lastOfHistory(db, id),
  /** The first prompt, and how many provider turns have ended well: what a title is made from, and when. */
  'session.opening': (db, id: SessionID): Opening => openingOf(db, id),
  'session.tool-parts': (db, ids: readonly PartID[]): readonly Part[] => toolParts(db, ids),
  /** Every message there is, in order, those that were compacted or taken back too. */
  'session.messages': (db, id: SessionID) => messages(db, all, [id]),
  'session.taken-back': (db, args: Parameters<typeof takenBack>[1]): TakenBack => takenBack(db, args),
  /** What files were before the revert that holds; undefined when none does. */
  'session.revert-files': (db, id: SessionID): readonly FileChange[] | undefined => {
    const row = db.get('SELECT files FROM revert WHERE session_id = ?', [id]);
    return row && json<readonly FileChange[]>(row['files']);
  },
  'session.compactions': (db, id: SessionID): readonly HeldCompaction[] => compactionsOf(db, id),
  'session.search': (db, step: SearchStep): SearchedStep => searchTexts(db, step),
  'session.unfinished': (db): readonly Unfinished[] => unfinished(db),
  'session.named-contents': (db, ids?: readonly SessionID[]): readonly string[] => namedContents(db, ids),
  'session.named-outputs': (db): readonly string[] => namedOutputs(db),
  'session.taken': (db, ids: TakenIds): boolean => isTaken(db, ids),
  /** Ids of the sessions below this one, deepest first. */
  'session.children': (db, id: SessionID): readonly SessionID[] => childrenOf(db, id),
  'session.window': (db, args: { id: SessionID; limit: number; before?: MessageID }): HistoryWindow => {
    const before = args.before ? seqOf(db, args.before) : Number.MAX_SAFE_INTEGER;
    const found = messages(db, newestFirst, [args.id, before, args.limit + 1]);
    return { messages: found.slice(0, args.limit).toReversed(), hasOlder: found.length > args.limit };
  },
  'session.last-turn': (db, id: SessionID): MessageID | undefined => {
    const row = db.get(lastTurn, [id]);
    return row && (String(row['id']) as MessageID);
  },
  /** Turns without an end: what a crash left behind, or what waits for an answer. */
  'session.open-turns': (db): readonly (MessageWithParts & { readonly info: AssistantMessage })[] =>
    messages(db, open, []).filter((each): each is MessageWithParts & { info: AssistantMessage } =>
      isAssistant(each.info),
    ),
} satisfies QueryTable;

/** Not those that are still being copied in. */
const listed = `SELECT data FROM session WHERE id NOT IN (SELECT session_id FROM unfinished) ORDER BY updated DESC`;
const lastTurn =
  "SELECT id FROM message WHERE session_id = ? AND json_extract(data, '$.role') = 'assistant' ORDER BY seq DESC LIMIT 1";
const all = 'SELECT id, data FROM message WHERE session_id = ? ORDER BY seq';
const newestFirst = 'SELECT id, data FROM message WHERE session_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?';
const open = 'SELECT id, data FROM message WHERE open = 1 ORDER BY seq';

/** An Admitted Prompt with its place in the inbox; `promoted` once it is in history. */
export interface InboxRow {
  readonly prompt: AdmittedPrompt;
  readonly promoted: boolean;
}

/** A stretch of history in order; `hasOlder` when messages before it exist. */
export interface HistoryWindow {
  readonly messages: readonly MessageWithParts[];
  readonly hasOlder: boolean;
}
