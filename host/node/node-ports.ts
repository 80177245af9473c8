import type { Ports } from '../ports/ports.ts';
import { nodeBrowser } from './browser.ts';
import { nodeClock } from './clock.ts';
import { nodeFiles } from './files.ts';
import { createIds } from './ids.ts';
import { createLog, type LogLevel } from './log.ts';
import { nodeProcesses } from './processes.ts';
import { nodeSearch } from './search.ts';
import {
  fixedTrust,
  noDocuments,
  nodeEnvironment,
  noLanguageModels,
  noSecrets,
  noView,
} from './surroundings.ts';
import { nodeTextFiles } from './text-files.ts';

export interface NodePortsOptions {
  /** Name and version of the surface, as in `millrace 0.1.0`. */
  readonly surface: string;
  /** Whether the user trusts a folder. */
  readonly isTrusted: (directory: string) => boolean;
  readonly log: { readonly write: (line: string) => void; readonly level: LogLevel };
  /** Known places of ripgrep, looked at before PATH. */
  readonly ripgrepCandidates?: readonly string[];
}

/** Node's answer to all ports: what runs without an editor. No secret is kept: where that may be, a surface says. */
export function nodePorts({ surface, isTrusted, log, ripgrepCandidates = [] }: NodePortsOptions): Ports {
  const clock = nodeClock;
  const environment = nodeEnvironment(surface);
  return {
    browser: nodeBrowser({ environment }),
    clock,
    documents: noDocuments,
    environment,
    files: nodeFiles,
    ids: createIds(),
    languageModels: noLanguageModels,
    log: createLog({ ...log, now: clock.now }),
    processes: nodeProcesses,
    search: nodeSearch({ ripgrepCandidates, path: process.env['PATH'] ?? '' }),
    secrets: noSecrets,
    textFiles: nodeTextFiles,
    trust: fixedTrust(isTrusted),
    workspaceView: noView,
  };
}
