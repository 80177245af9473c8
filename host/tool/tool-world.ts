import type { Authority } from '../location/authority.ts';
import type { Clock } from '../ports/clock.ts';
import type { Documents } from '../ports/documents.ts';
import type { Environment } from '../ports/environment.ts';
import type { Files } from '../ports/files.ts';
import type { Log } from '../ports/log.ts';
import type { Processes } from '../ports/processes.ts';
import type { Search } from '../ports/search.ts';
import type { KeptContents } from '../snapshot/kept-contents.ts';
import type { ManagedOutput } from './managed-output.ts';
import type { ReadLedger } from './read-ledger.ts';
import type { ToolContext } from './tool.ts';

/** What tools on single files need. */
export interface FileWorld {
  readonly authority: Authority;
  readonly documents: Documents;
  readonly ledger: ReadLedger;
  /** Keeps what a file held before a change and after it. */
  readonly kept: Pick<KeptContents, 'keep'>;
}

/** What tools that look through many files need. */
export interface SearchWorld {
  readonly authority: Authority;
  readonly files: Files;
  readonly processes: Processes;
  readonly search: Search;
  readonly clock: Clock;
  /** Whether this call may see the content of a file unasked, by the rules of `read`; takes `readPatterns`. */
  readonly mayRead: (patterns: readonly string[], context: ToolContext) => boolean;
}

/** What running a command needs. */
export interface ShellWorld {
  readonly authority: Authority;
  readonly processes: Processes;
  readonly search: Search;
  readonly environment: Environment;
  readonly output: ManagedOutput;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ToolWorld extends FileWorld, SearchWorld, ShellWorld {}
