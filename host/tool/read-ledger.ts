import { createHash } from 'node:crypto';
import type { SessionID } from '#shared/ids.ts';

/**
 * What each session has seen of which file (decision 9): an edit needs a read of what stands there now. Contents are
 * compared, never times. Lives in memory: after a restart everything is read again.
 */
export interface ReadLedger {
  /** The session has seen this content of the file at this real path, or has written it. */
  record(sessionID: SessionID, path: string, content: ContentHash): void;
  /** What the session has seen last of a file. */
  recall(sessionID: SessionID, path: string): ContentHash | undefined;
  /** After a compaction, or when the session is gone. */
  forget(sessionID: SessionID): void;
}

export type ContentHash = string;

export function createReadLedger(): ReadLedger {
  const sessions = new Map<SessionID, Map<string, ContentHash>>();
  return {
    record: (sessionID, path, content) => {
      const files = sessions.get(sessionID) ?? new Map<string, ContentHash>();
      sessions.set(sessionID, files.set(path, content));
    },
    recall: (sessionID, path) => sessions.get(sessionID)?.get(path),
    forget: (sessionID) => sessions.delete(sessionID),
  };
}

/** Hashes a text without its byte order mark: the same for a document and its file, in whatever encoding. */
export function hashText(text: string): ContentHash {
  return createHash('sha256').update(text).digest('base64url');
}
