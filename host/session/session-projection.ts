import { HostError } from '#shared/host-error.ts';
import type { MessageID, SessionID } from '#shared/ids.ts';
import type { AdmittedPrompt, Session } from '#shared/session.ts';
import type { ProjectionDatabase } from '../store/database.ts';
import { defineProjection } from '../store/projection.ts';
import { body, deleteMessage, putMessage, putPart, sessionOf } from './message-projection.ts';
import { sessionQueries } from './queries-projection.ts';
import { sessionEvents } from './session-events.ts';
import { withChildUsage, withUsage } from './session-usage.ts';
import { retitled } from './titles/retitled.ts';
import { beginCopy, countFrom, deleteSession, finish, isTaken, tellsContext } from './upkeep-projection.ts';

/** The session tables: a projection of the journal, rebuilt from a snapshot and what came after it, written by appliers only. */
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
    `ALTER TABLE context_epoch ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
     ALTER TABLE part ADD COLUMN pruned INTEGER;
     ALTER TABLE part ADD COLUMN context INTEGER NOT NULL DEFAULT 0;
     UPDATE part SET context = 1 WHERE json_valid(data) AND json_extract(data, '$.type') = 'context';
     ALTER TABLE message ADD COLUMN summary INTEGER NOT NULL DEFAULT 0;
     CREATE INDEX message_summary ON message(session_id, seq) WHERE summary = 1;
     CREATE TABLE compaction (summary_id TEXT PRIMARY KEY, session_id TEXT NOT NULL REFERENCES session(id),
       answered TEXT NOT NULL, kept TEXT NOT NULL, seq INTEGER NOT NULL);
     CREATE INDEX compaction_order ON compaction(session_id, seq);
     CREATE TABLE file_change (session_id TEXT NOT NULL REFERENCES session(id), message_id TEXT NOT NULL,
       seq INTEGER NOT NULL, data TEXT NOT NULL);
     CREATE INDEX file_change_order ON file_change(session_id, seq);
     CREATE TABLE revert (session_id TEXT PRIMARY KEY REFERENCES session(id), files TEXT NOT NULL);`,
    `ALTER TABLE part ADD COLUMN type TEXT NOT NULL DEFAULT '';
     CREATE TABLE output_file (session_id TEXT NOT NULL, path TEXT NOT NULL, PRIMARY KEY (session_id, path)) WITHOUT ROWID;
     CREATE INDEX output_file_path ON output_file(path);
     CREATE TABLE unfinished (session_id TEXT PRIMARY KEY, type TEXT NOT NULL, outputs TEXT NOT NULL);`,
  ],
  bodies: [
    {
      select: "SELECT session_id AS shelf, id, data AS body FROM session_input WHERE data LIKE '@%'",
      update: 'UPDATE session_input SET data = :body WHERE id = :id',
    },
    {
      select: `SELECT session_id AS shelf, part.id AS id, part.data AS body FROM part
        JOIN message ON message.id = message_id WHERE part.data LIKE '@%'`,
      update: 'UPDATE part SET data = :body WHERE id = :id',
    },
    {
      select: `SELECT session_id AS shelf, part_id, part_delta.seq AS seq, delta AS body FROM part_delta
        JOIN part ON part.id = part_id JOIN message ON message.id = message_id WHERE delta LIKE '@%'`,
      update: 'UPDATE part_delta SET delta = :body WHERE part_id = :part_id AND seq = :seq',
    },
    {
      select: "SELECT session_id AS shelf, baseline AS body FROM context_epoch WHERE baseline LIKE '@%'",
      update: 'UPDATE context_epoch SET baseline = :body WHERE session_id = :shelf',
    },
    {
      select: "SELECT session_id AS shelf, snapshot AS body FROM context_epoch WHERE snapshot LIKE '@%'",
      update: 'UPDATE context_epoch SET snapshot = :body WHERE session_id = :shelf',
    },
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
    'session.retitled': (db, fact, { seq }) =>
      changeSession(db, fact.sessionID, seq, (info) => retitled(info, fact)),
    'session.archived': (db, { sessionID, archived, time }, { seq }) =>
      changeSession(db, sessionID, seq, (info) => {
        const { archived: _, ...times } = info.time;
        return { ...info, time: { ...times, ...(archived ? { archived: time } : {}) } };
      }),
    'session.deleted': (db, { info }) => deleteSession(db, info.id),
    'session.erased': (db, { sessionID }) => finish(db, sessionID),
    'session.copy.began': (db, { sessionID }) => beginCopy(db, sessionID),
    'session.copy.ended': (db, { sessionID }) => finish(db, sessionID),
    'session.switched': (db, { sessionID, agent, model, time }, { seq }) =>
      changeSession(db, sessionID, seq, (info) => ({
        ...info,
        agent,
        model,
        time: { ...info.time, updated: time },
      })),
    'session.input.admitted': (db, { prompt }, { seq }) => {
      const { id, sessionID } = prompt;
      if (!sessionOf(db, sessionID)) throw unknownSession(sessionID);
      if (db.get('SELECT 1 FROM message WHERE id = ?', [id])) throw conflict(`The id ${id} is taken.`);
      const sql = 'INSERT INTO session_input (id, session_id, data, admitted) VALUES (?, ?, ?, ?)';
      insert(db, sql, [id, sessionID, db.body(prompt), seq]);
    },
    'session.input.edited': (db, { prompt }) => {
      const sql = 'UPDATE session_input SET data = ? WHERE id = ? AND promoted IS NULL';
      if (db.run(sql, [db.body(prompt), prompt.id]) !== 1) throw notWaiting(prompt.id);
    },
    'session.input.cancelled': (db, { messageID }) => {
      const sql = 'DELETE FROM session_input WHERE id = ? AND promoted IS NULL';
      if (db.run(sql, [messageID]) !== 1) throw notWaiting(messageID);
    },
    'session.input.promoted': (db, { info, part }, { seq }) => {
      const row = db.get('SELECT data FROM session_input WHERE id = ?', [info.id]);
      const waiting = row && body<AdmittedPrompt>(db, row['data']);
      // The user changed it after the boundary had looked: what they wrote last is what the model gets.
      if (waiting?.text !== part.text)
        throw conflict(`The prompt ${info.id} is not what waits in the inbox.`);
      const sql = 'UPDATE session_input SET promoted = ? WHERE id = ? AND promoted IS NULL';
      if (db.run(sql, [seq, info.id]) !== 1) throw conflict(`The prompt ${info.id} is in history already.`);
      putMessage(db, info, seq);
      putPart(db, part, seq);
    },
    'session.epoch.started': (db, { sessionID, baseline, snapshot }, { seq }) => {
      const sql =
        'INSERT OR REPLACE INTO context_epoch (session_id, baseline, snapshot, seq) VALUES (?, ?, ?, ?)';
      db.run(sql, [sessionID, db.body(baseline), db.body(snapshot), seq]);
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
      for (let id = sessionOf(db, info.sessionID)?.parentID; id; id = sessionOf(db, id)?.parentID) {
        changeSession(db, id, seq, (parent) => withChildUsage(parent, info));
      }
    },
    'session.outputs.pruned': (db, { parts, time }) => {
      for (const id of parts) db.run('UPDATE part SET pruned = ? WHERE id = ?', [time, id]);
    },
    'session.compacted': (db, { sessionID, summary, answered, kept }, { seq }) => {
      const sql =
        'INSERT INTO compaction (summary_id, session_id, answered, kept, seq) VALUES (?, ?, ?, ?, ?)';
      db.run(sql, [summary, sessionID, JSON.stringify(answered), JSON.stringify(kept), seq]);
      db.run('DELETE FROM context_epoch WHERE session_id = ?', [sessionID]);
    },
    'session.message.copied': (db, { info, parts }, { seq }) => {
      const { sessionID: session, id } = info;
      if (isTaken(db, { messages: [id], parts: parts.map((part) => part.id) }))
        throw conflict(`The id ${id} of a message of ${session} is taken.`);
      putMessage(db, info, seq);
      for (const part of parts) putPart(db, part, seq);
    },
    'session.file.changed': (db, { sessionID, messageID, change }, { seq }) => {
      const sql = 'INSERT INTO file_change (session_id, message_id, seq, data) VALUES (?, ?, ?, ?)';
      db.run(sql, [sessionID, messageID, seq, JSON.stringify(change)]);
    },
    'session.reverted': (db, { sessionID, messageID, files, unfinished: isUnfinished }, { seq }) => {
      const counts = { messages: countFrom(db, sessionID, messageID), files: files.length };
      const taken = { ...counts, ...(isUnfinished && { unfinished: isUnfinished }) };
      changeSession(db, sessionID, seq, (info) => ({ ...info, revert: { messageID, ...taken } }));
      const sql = 'INSERT OR REPLACE INTO revert (session_id, files) VALUES (?, ?)';
      db.run(sql, [sessionID, JSON.stringify(files)]);
    },
    'session.unrevert.began': (db, { sessionID, files }, { seq }) => {
      changeSession(db, sessionID, seq, ({ revert, ...info }) =>
        revert ? { ...info, revert: { ...revert, unfinished: 'unrevert' } } : info,
      );
      db.run('UPDATE revert SET files = ? WHERE session_id = ?', [JSON.stringify(files), sessionID]);
    },
    'session.unreverted': (db, { sessionID }, { seq }) => endRevert(db, sessionID, seq),
    'session.history.cut': (db, { sessionID, messages: ids }, { seq }) => {
      // What a cut message told of the System Context, the model knows no more: the next turn begins an epoch.
      if (tellsContext(db, ids)) db.run('DELETE FROM context_epoch WHERE session_id = ?', [sessionID]);
      for (const id of ids) deleteMessage(db, id);
      endRevert(db, sessionID, seq);
    },
  },
  queries: sessionQueries,
});

function endRevert(db: ProjectionDatabase, id: SessionID, seq: number): void {
  db.run('DELETE FROM revert WHERE session_id = ?', [id]);
  changeSession(db, id, seq, ({ revert: _, ...info }) => info);
}

function unknownSession(id: SessionID): HostError {
  return new HostError('session.unknown', `There is no session ${id} in this folder's history.`);
}

function notWaiting(id: MessageID): HostError {
  return conflict(`The prompt ${id} is in history already, or was cancelled.`);
}

function insert(db: ProjectionDatabase, sql: string, params: readonly (string | number)[]): void {
  const [id = ''] = params;
  const table = sql.split(' ', 3)[2];
  if (db.get(`SELECT 1 FROM ${table} WHERE id = ?`, [id])) throw conflict(`The id ${id} is taken.`);
  db.run(sql, params);
}

function conflict(message: string): HostError {
  return new HostError('store.conflict', message);
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
