import { nodePorts } from '../node/node-ports.ts';
import { secretFile } from '../node/secret-file.ts';
import type { Ports } from '../ports/ports.ts';
import { secretFolder } from '../secret-folder.ts';
import { noticeLine } from './notice-line.ts';
import { version } from './version.ts';

export interface CliPortsOptions {
  readonly isTrusted: () => boolean;
  /** Tells the user, on standard error. */
  readonly tell: (line: string) => void;
}

/** The world of the command line: Node's answers, with keys and sign-ins in a file for this user alone. */
export function cliPorts({ isTrusted, tell }: CliPortsOptions): Ports {
  const log = { write: tell, level: 'error' } as const;
  const node = nodePorts({ surface: `millrace ${version}`, isTrusted, log });
  const folder = secretFolder(node.environment);
  return { ...node, secrets: secretFile({ folder, onNotice: (notice) => tell(noticeLine(notice)) }) };
}
