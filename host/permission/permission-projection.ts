import * as Schema from 'effect/Schema';
import { HostError } from '#shared/host-error.ts';
import { type MessageID, type PermissionID, RuleID, SessionID } from '#shared/ids.ts';
import { PermissionReply, PermissionRequest, SavedRule } from '#shared/permission.ts';
import type { ProjectionDatabase } from '../store/database.ts';
import { defineProjection } from '../store/projection.ts';

/** A request and, once it has one, its answer. */
export interface RequestRow {
  readonly request: PermissionRequest;
  /** Identity of the project that a saved answer will hold for. */
  readonly project: string;
  readonly reply?: PermissionReply;
}

/** A tool call. Call ids are the provider's, and unique within one turn only. */
export interface CallKey {
  readonly sessionID: SessionID;
  readonly messageID: MessageID;
  readonly callID: string;
}

/** Pending requests and saved answers: both outlive the process that asked. */
export const permissionProjection = defineProjection({
  name: 'permission',
  migrations: [
    `CREATE TABLE permission_request (id TEXT PRIMARY KEY, session_id TEXT NOT NULL, call_id TEXT NOT NULL,
       data TEXT NOT NULL, project TEXT NOT NULL, reply TEXT);
     CREATE INDEX permission_request_call ON permission_request(session_id, call_id);
     CREATE TABLE permission_rule (id TEXT PRIMARY KEY, data TEXT NOT NULL, seq INTEGER NOT NULL);`,
  ],
  bodies: [
    {
      select: "SELECT session_id AS shelf, id, data AS body FROM permission_request WHERE data LIKE '@%'",
      update: 'UPDATE permission_request SET data = :body WHERE id = :id',
    },
  ],
  events: {
    'permission.asked': {
      version: 1,
      schema: Schema.Struct({ request: PermissionRequest, project: Schema.String }),
    },
    'permission.replied': {
      version: 1,
      schema: Schema.Struct({ request: PermissionRequest, reply: PermissionReply }),
    },
    /** The call that asked is gone: nobody can answer any more. */
    'permission.withdrawn': { version: 1, schema: Schema.Struct({ request: PermissionRequest }) },
    /** The session is gone, and with it all that its calls have asked. */
    'permission.forgotten': { version: 1, schema: Schema.Struct({ sessionID: SessionID }) },
    'permission.rule.saved': { version: 1, schema: Schema.Struct({ saved: SavedRule }) },
    'permission.rule.revoked': { version: 1, schema: Schema.Struct({ id: RuleID }) },
  },
  apply: {
    'permission.asked': (db, { request, project }) => {
      const values = [request.id, request.sessionID, request.tool.callID, db.body(request), project];
      const columns = 'id, session_id, call_id, data, project';
      db.run(`INSERT INTO permission_request (${columns}) VALUES (?, ?, ?, ?, ?)`, values);
    },
    'permission.replied': (db, { request, reply }) => {
      const sql = 'UPDATE permission_request SET reply = ? WHERE id = ? AND reply IS NULL';
      if (db.run(sql, [JSON.stringify(reply), request.id]) === 1) return;
      throw new HostError('store.conflict', `The request ${request.id} has its answer.`);
    },
    'permission.withdrawn': (db, { request }) => {
      db.run('DELETE FROM permission_request WHERE id = ?', [request.id]);
    },
    'permission.forgotten': (db, { sessionID }) => {
      db.run('DELETE FROM permission_request WHERE session_id = ?', [sessionID]);
    },
    'permission.rule.saved': (db, { saved }, { seq }) => {
      const values = [saved.id, JSON.stringify(saved), seq];
      db.run('INSERT INTO permission_rule (id, data, seq) VALUES (?, ?, ?)', values);
    },
    'permission.rule.revoked': (db, { id }) => {
      db.run('DELETE FROM permission_rule WHERE id = ?', [id]);
    },
  },
  queries: {
    'permission.pending': (db, sessionID: SessionID) =>
      requests(db, 'WHERE session_id = ? AND reply IS NULL', [sessionID]).map(({ request }) => request),
    'permission.get': (db, id: PermissionID) => requests(db, 'WHERE id = ?', [id])[0],
    /** What one tool call has asked so far, answered or not: a call that is resumed asks nothing twice. */
    'permission.of-call': (db, { sessionID, messageID, callID }: CallKey) =>
      requests(db, 'WHERE session_id = ? AND call_id = ?', [sessionID, callID]).filter(
        ({ request }) => request.tool.messageID === messageID,
      ),
    'permission.rules': (db) =>
      db
        .all('SELECT data FROM permission_rule ORDER BY seq')
        .map(({ data }) => JSON.parse(String(data)) as SavedRule),
  },
});

function requests(db: ProjectionDatabase, where: string, params: readonly string[]): RequestRow[] {
  return db
    .all(`SELECT data, project, reply FROM permission_request ${where} ORDER BY rowid`, params)
    .map((row) => ({
      request: db.resolve(String(row['data'])) as PermissionRequest,
      project: String(row['project']),
      ...(row['reply'] === null ? {} : { reply: JSON.parse(String(row['reply'])) as PermissionReply }),
    }));
}
