import { HostError } from '#shared/host-error.ts';
import type { MessageID, SessionID } from '#shared/ids.ts';
import type { AssistantMessage, MessageInfo } from '#shared/message.ts';
import type { JsonObject, Part } from '#shared/part.ts';
import type { AdmittedPrompt, MessageWithParts, Session } from '#shared/session.ts';
import type { ProjectionDatabase, Row } from '../store/database.ts';
import { defineProjection } from '../store/projection.ts';
import { sessionEvents } from './session-events.ts';
import { withUsage } from './session-usage.ts';
import { extended } from './view-projector.ts';

/** An Admitted Prompt with its place in the inbox; `promoted` once it is in history. */
export interface InboxRow {
  readonly prompt: AdmittedPrompt;
  readonly promoted: boolean;
}

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
}

/** A stretch of history in order; `hasOlder` when messages before it exist. */
export interface HistoryWindow {
  readonly messages: readonly MessageWithParts[];
  readonly hasOlder: boolean;
}

/** The session tables: a projection of the journal, rebuilt at every open, written by appliers only. */
export const sessionProjection = defineProjection({
  name: 'session',
  migrations: [
    `CREATE TABLE session (id TEXT PRIMARY KEY, data TEXT NOT NULL, updated INTEGER NOT NULL);
     CREATE TABLE session_input (id TEXT PRIMARY KEY, session_id TEXT NOT NULL REFERENCES session(id), data TEXT NOT NULL,
       admitted INTEGER NOT NULL, promoted INTEGER);
     CREATE INDEX session_input_waiting ON session_input(session_id, admitted) WHERE promoted IS NULL;
     CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT NOT NULL REFERENCES session(id), data TEXT NOT NULL,
       seq INTEGER NOT NULL, open INTEGER NOT NULL);
     CREATE INDEX message_order ON message(session_id, seq);
     CREATE INDEX message_open ON message(open) WHERE open = 1;
     CREATE TABLE part (id TEXT PRIMARY KEY, message_id TEXT NOT NULL REFERENCES message(id), data TEXT NOT NULL,
       seq INTEGER NOT NULL);
     CREATE INDEX part_order ON part(message_id, seq);
     CREATE TABLE part_delta (part_id TEXT NOT NULL REFERENCES part(id), seq INTEGER NOT NULL, delta TEXT NOT NULL,
       ended INTEGER, PRIMARY KEY (part_id, seq)) WITHOUT ROWID;
     CREATE TABLE context_epoch (session_id TEXT PRIMARY KEY REFERENCES session(id), baseline TEXT NOT NULL,
       snapshot TEXT NOT NULL);`,
  ],
  events: sessionEvents,
  apply: {
    'session.created': (db, { info }, { seq }) => {
      insert(db, 'INSERT INTO session (id, data, updated) VALUES (?, ?, ?)', [
        info.id,
        JSON.stringify(info),
        seq,
      ]);
    },
    'session.retitled': (db, { sessionID, title, time }, { seq }) =>
      changeSession(db, sessionID, seq, (info) => ({
        ...info,
        title,
        time: { ...info.time, updated: time },
      })),
    'session.switched': (db, { sessionID, agent, model, time }, { seq }) =>
      changeSession(db, sessionID, seq, (info) => ({
        ...info,
        agent,
        model,
        time: { ...info.time, updated: time },
      })),
    'session.input.admitted': (db, { prompt }, { seq }) => {
      const { id, sessionID } = prompt;
      if (db.get('SELECT 1 FROM message WHERE id = ?', [id])) throw conflict(`The id ${id} is taken.`);
      const sql = 'INSERT INTO session_input (id, session_id, data, admitted) VALUES (?, ?, ?, ?)';
      insert(db, sql, [id, sessionID, db.body(prompt), seq]);
    },
    'session.input.promoted': (db, { info, part }, { seq }) => {
      const sql = 'UPDATE session_input SET promoted = ? WHERE id = ? AND promoted IS NULL';
      if (db.run(sql, [seq, info.id]) !== 1) throw conflict(`The prompt ${info.id} is in history already.`);
      putMessage(db, info, seq);
      putPart(db, part, seq);
    },
    'session.epoch.started': (db, { sessionID, baseline, snapshot }) => {
      db.run('INSERT OR REPLACE INTO context_epoch (session_id, baseline, snapshot) VALUES (?, ?, ?)', [
        sessionID,
        db.body(baseline),
        db.body(snapshot),
      ]);
    },
    'session.context.changed': (db, { info, part, snapshot }, { seq }) => {
      putMessage(db, info, seq);
      putPart(db, part, seq);
      const values = [db.body(snapshot), info.sessionID];
      db.run('UPDATE context_epoch SET snapshot = ? WHERE session_id = ?', values);
    },
    'session.turn.started': (db, { info }, { seq }) => putMessage(db, info, seq),
    'session.part.kept': (db, { part }, { seq }) => {
      // A part that is kept again is whole: what was appended to its older form is in it.
      db.run('DELETE FROM part_delta WHERE part_id = ?', [part.id]);
      putPart(db, part, seq);
    },
    'session.text.extended': (db, { partID, delta, end }, { seq }) => {
      const sql = 'INSERT INTO part_delta (part_id, seq, delta, ended) VALUES (?, ?, ?, ?)';
      db.run(sql, [partID, seq, db.body(delta), end ?? null]);
    },
    'session.turn.streamed': (db, { info }, { seq }) => putMessage(db, info, seq),
    'session.tool.called': (db, { part }, { seq }) => putPart(db, part, seq),
    'session.tool.started': (db, { part }, { seq }) => putPart(db, part, seq),
    'session.tool.settled': (db, { part }, { seq }) => putPart(db, part, seq),
    'session.turn.ended': (db, { info }, { seq }) => {
      putMessage(db, info, seq);
      changeSession(db, info.sessionID, seq, (session) => withUsage(session, info));
    },
  },
  queries: {
    'session.get': (db, id: SessionID) => sessionOf(db, id),
    /** All sessions, the one changed last first. */
    'session.list': (db) =>
      db.all('SELECT data FROM session ORDER BY updated DESC').map(({ data }) => json<Session>(data)),
    'session.input': (db, id: MessageID): InboxRow | undefined => {
      const row = db.get('SELECT data, promoted FROM session_input WHERE id = ?', [id]);
      return row && { prompt: body<AdmittedPrompt>(db, row['data']), promoted: row['promoted'] !== null };
    },
    /** Admitted Prompts that are not in history yet, oldest first. */
    'session.inbox': (db, id: SessionID) => inboxOf(db, id),
    /** All that the start of a provider turn looks at, in one answer. */
    'session.boundary': (db, id: SessionID): BoundaryRow => {
      const epoch = db.get('SELECT baseline, snapshot FROM context_epoch WHERE session_id = ?', [id]);
      const last = db.get(lastPrompt, [id]);
      return {
        session: sessionOf(db, id),
        epoch: epoch && { baseline: body(db, epoch['baseline']), snapshot: body(db, epoch['snapshot']) },
        lastPrompt: last && (String(last['id']) as MessageID),
        inbox: inboxOf(db, id),
      };
    },
    'session.history': (db, id: SessionID) => messages(db, all, [id]),
    'session.window': (db, args: { id: SessionID; limit: number; before?: MessageID }): HistoryWindow => {
      const before = args.before ? seqOf(db, args.before) : Number.MAX_SAFE_INTEGER;
      const found = messages(db, newestFirst, [args.id, before, args.limit + 1]);
      return { messages: found.slice(0, args.limit).toReversed(), hasOlder: found.length > args.limit };
    },
    /** Turns without an end: what a crash left behind, or what waits for an answer. */
    'session.open-turns': (db): readonly (MessageWithParts & { readonly info: AssistantMessage })[] =>
      messages(db, open, []).filter((each): each is MessageWithParts & { info: AssistantMessage } =>
        isAssistant(each.info),
      ),
  },
});

const lastPrompt =
  "SELECT id FROM message WHERE session_id = ? AND json_extract(data, '$.role') = 'user' ORDER BY seq DESC LIMIT 1";
const all = 'SELECT id, data FROM message WHERE session_id = ? ORDER BY seq';
const newestFirst = 'SELECT id, data FROM message WHERE session_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?';
const open = 'SELECT id, data FROM message WHERE open = 1 ORDER BY seq';

function insert(db: ProjectionDatabase, sql: string, params: readonly (string | number)[]): void {
  const [id = ''] = params;
  const table = sql.split(' ', 3)[2];
  if (db.get(`SELECT 1 FROM ${table} WHERE id = ?`, [id])) throw conflict(`The id ${id} is taken.`);
  db.run(sql, params);
}

function conflict(message: string): HostError {
  return new HostError('store.conflict', message);
}

/** A message keeps the place where it first stood. */
function putMessage(db: ProjectionDatabase, info: MessageInfo, seq: number): void {
  const isOpen = isAssistant(info) && info.time.completed === undefined;
  db.run(
    `INSERT INTO message (id, session_id, data, seq, open) VALUES (:id, :session, :data, :seq, :open)
     ON CONFLICT(id) DO UPDATE SET data = :data, open = :open`,
    { id: info.id, session: info.sessionID, data: JSON.stringify(info), seq, open: isOpen },
  );
}

function putPart(db: ProjectionDatabase, part: Part, seq: number): void {
  db.run(
    `INSERT INTO part (id, message_id, data, seq) VALUES (:id, :message, :data, :seq)
     ON CONFLICT(id) DO UPDATE SET data = :data`,
    { id: part.id, message: part.messageID, data: db.body(part), seq },
  );
}

function changeSession(
  db: ProjectionDatabase,
  id: SessionID,
  ...[seq, change]: [number, (info: Session) => Session]
): void {
  const info = sessionOf(db, id);
  if (!info) throw conflict(`There is no session ${id}.`);
  db.run('UPDATE session SET data = ?, updated = ? WHERE id = ?', [JSON.stringify(change(info)), seq, id]);
}

function inboxOf(db: ProjectionDatabase, id: SessionID): readonly AdmittedPrompt[] {
  const sql = 'SELECT data FROM session_input WHERE session_id = ? AND promoted IS NULL ORDER BY admitted';
  return db.all(sql, [id]).map(({ data }) => body<AdmittedPrompt>(db, data));
}

function sessionOf(db: ProjectionDatabase, id: SessionID): Session | undefined {
  const row = db.get('SELECT data FROM session WHERE id = ?', [id]);
  return row && json<Session>(row['data']);
}

function seqOf(db: ProjectionDatabase, id: MessageID): number {
  return Number(db.get('SELECT seq FROM message WHERE id = ?', [id])?.['seq'] ?? 0);
}

function messages(
  db: ProjectionDatabase,
  sql: string,
  params: readonly (string | number)[],
): MessageWithParts[] {
  return db.all(sql, params).map(({ id, data }) => ({
    info: json<MessageInfo>(data),
    parts: db
      .all('SELECT id, data FROM part WHERE message_id = ? ORDER BY seq, rowid', [String(id)])
      .map((row) => partOf(db, row)),
  }));
}

function partOf(db: ProjectionDatabase, row: Row): Part {
  const part = body<Part>(db, row['data']);
  if (part.type !== 'text' && part.type !== 'reasoning') return part;
  return db
    .all('SELECT delta, ended FROM part_delta WHERE part_id = ? ORDER BY seq', [part.id])
    .reduce((grown, { delta, ended }) => {
      const end = ended === null ? {} : { end: Number(ended) };
      return extended(grown, { delta: body<string>(db, delta), ...end });
    }, part);
}

function isAssistant(info: MessageInfo): info is AssistantMessage {
  return info.role === 'assistant';
}

/** Rows hold what an event's schema let in, so that reading them back needs no second decoding. */
function json<T>(column: Row[string] | undefined): T {
  return JSON.parse(String(column)) as T;
}

function body<T>(db: ProjectionDatabase, column: Row[string] | undefined): T {
  return db.resolve(String(column)) as T;
}
