import type { MessageID, SessionID } from '#shared/ids.ts';
import type { FoundSession } from '#shared/protocol.ts';
import type { AdmittedPrompt, Session } from '#shared/session.ts';
import { cancelInput, editInput } from '../inbox/change-input.ts';
import type { RevertWorld } from '../revert/keep-revert.ts';
import type { RevertOptions, RevertOutcome } from '../revert/outcome.ts';
import { revertSession } from '../revert/revert-session.ts';
import { unrevertSession } from '../revert/unrevert-session.ts';
import { type DeleteWorld, deleteSession } from './delete-session.ts';
import { exportSession } from './export-session.ts';
import { type ForkWorld, forkSession } from './fork-session.ts';
import { type ImportOptions, type ImportWorld, importSession } from './import-session.ts';
import { type SearchOptions, searchSessions } from './search-sessions.ts';
import type { SessionFile } from './session-file.ts';
import { archiveSession, renameSession } from './session-title.ts';

/** What one does with sessions, besides running them. Unknown ones are refused with `session.unknown`. */
export interface Management {
  /**
   * Gives a prompt that waits in the inbox another text; the model gets either the new one or, when it was quicker,
   * `prompt.promoted` is thrown and nothing is changed.
   */
  editInput(id: SessionID, messageID: MessageID, text: string): Promise<AdmittedPrompt>;
  /** Takes a prompt out of the inbox, and gives it back as it was. @throws as `editInput` */
  cancelInput(id: SessionID, messageID: MessageID): Promise<AdmittedPrompt>;
  /** @throws HostError `session.title-empty` */
  rename(id: SessionID, title: string): Promise<void>;
  archive(id: SessionID, archived: boolean): Promise<void>;
  /** For good, with the sessions below it: when it resolves, nothing of them is left on the disk. */
  delete(id: SessionID): Promise<void>;
  /** A new session with the history before a message, or with all of it. */
  fork(id: SessionID, before?: MessageID): Promise<Session>;
  /** By title, then by the texts of prompts and answers. */
  search(query: string, options: SearchOptions): Promise<readonly FoundSession[]>;
  /** The session and those below it as one JSON value. */
  export(id: SessionID): Promise<SessionFile>;
  /** The parsed JSON of `export`, or of `opencode export`. @throws HostError `import.invalid`, `import.newer` */
  import(file: unknown, options: ImportOptions): Promise<Session>;
  /** Takes conversation and files back to before a prompt (RT-21); interrupts what runs. */
  revert(id: SessionID, messageID: MessageID, options?: RevertOptions): Promise<RevertOutcome>;
  /** Brings back what was taken back, until the next prompt is promoted. */
  unrevert(id: SessionID, options?: RevertOptions): Promise<RevertOutcome>;
}

export type ManagementWorld = DeleteWorld & ForkWorld & RevertWorld & Omit<ImportWorld, 'discard'>;

export function createManagement(world: ManagementWorld): Management {
  const importWorld: ImportWorld = { ...world, discard: (id) => deleteSession(id, world) };
  return {
    editInput: (id, messageID, text) => editInput({ id, messageID }, text, world),
    cancelInput: (id, messageID) => cancelInput({ id, messageID }, world),
    rename: (id, title) => renameSession(id, title, world),
    archive: (id, archived) => archiveSession(id, archived, world),
    delete: (id) => deleteSession(id, world),
    fork: (id, before) => forkSession(id, before, world),
    search: (query, options) => searchSessions(query, options, world),
    export: (id) => exportSession(id, world),
    import: (file, options) => importSession(file, options, importWorld),
    revert: (id, messageID, options = {}) => revertSession({ id, messageID }, options, world),
    unrevert: (id, options = {}) => unrevertSession(id, options, world),
  };
}
