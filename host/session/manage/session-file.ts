import * as Schema from 'effect/Schema';
import { HostError } from '#shared/host-error.ts';
import { MessageID } from '#shared/ids.ts';
import { AdmittedPrompt, MessageWithParts, Session } from '#shared/session.ts';

const Compaction = Schema.Struct({
  summary: MessageID,
  answered: Schema.Array(MessageID),
  kept: Schema.Array(MessageID),
});

/**
 * A session as one JSON file, with the sessions below it: everything that stands in its history, whole, and the prompts
 * that wait; no permission rules, no contents of files.
 */
export interface SessionFile {
  readonly format: 'millrace-session';
  readonly version: 1;
  readonly info: Session;
  readonly messages: readonly MessageWithParts[];
  /** The Compactions of its history, oldest first. */
  readonly compactions?: readonly (typeof Compaction.Type)[];
  /** Admitted Prompts that are not in history yet, oldest first. */
  readonly inbox?: readonly AdmittedPrompt[];
  readonly children: readonly SessionFile[];
}

export const SessionFile: Schema.Codec<SessionFile, unknown> = Schema.Struct({
  format: Schema.Literal('millrace-session'),
  version: Schema.Literal(1),
  info: Session,
  messages: Schema.Array(MessageWithParts),
  compactions: Schema.optionalKey(Schema.Array(Compaction)),
  inbox: Schema.optionalKey(Schema.Array(AdmittedPrompt)),
  children: Schema.Array(Schema.suspend((): Schema.Codec<SessionFile, unknown> => SessionFile)),
});

export interface DecodedFile {
  readonly file: SessionFile;
  /** Messages and parts of a foreign file that have no counterpart here. */
  readonly dropped: number;
}

/** What does not fit, and where. */
export function invalidFile(problem: string): HostError {
  const line = problem.replace(blanks, ' ').slice(0, longestProblem);
  return new HostError('import.invalid', `The file is not a session that can be imported: ${line}`);
}

const blanks = /\s+/g;
const longestProblem = 300;
