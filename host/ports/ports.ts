import type { Browser } from './browser.ts';
import type { Clock } from './clock.ts';
import type { Documents } from './documents.ts';
import type { Environment } from './environment.ts';
import type { Files } from './files.ts';
import type { Ids } from './ids.ts';
import type { LanguageModels } from './language-models.ts';
import type { Log } from './log.ts';
import type { Processes } from './processes.ts';
import type { Search } from './search.ts';
import type { Secrets } from './secrets.ts';
import type { TextFiles } from './text-files.ts';
import type { Trust } from './trust.ts';
import type { WorkspaceView } from './workspace-view.ts';

/** Everything the host asks of the world; each surface brings its own answer. */
export interface Ports {
  readonly browser: Browser;
  readonly clock: Clock;
  readonly documents: Documents;
  readonly environment: Environment;
  readonly files: Files;
  readonly ids: Ids;
  readonly languageModels: LanguageModels;
  readonly log: Log;
  readonly processes: Processes;
  readonly search: Search;
  readonly secrets: Secrets;
  readonly textFiles: TextFiles;
  readonly trust: Trust;
  readonly workspaceView: WorkspaceView;
}
