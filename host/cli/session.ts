import { HostError } from '#shared/host-error.ts';
import { brokenPipe } from './broken-pipe.ts';
import { cliPorts } from './cli-ports.ts';
import { folderOf } from './folder-of.ts';
import type { KnownWorld } from './known-sessions.ts';
import { troubleLine } from './notice-line.ts';
import type { SessionArguments } from './session-arguments.ts';
import { adoptSessions, deleteSession, importSession } from './session-change.ts';
import { exportSession, listSessions, showSession } from './session-read.ts';
import { version } from './version.ts';

/** What the commands work with. */
export interface SessionWorld extends KnownWorld {
  readonly version: string;
  /** Tells the user, on standard error. */
  readonly tell: (line: string) => void;
}

/**
 * `millrace session …`: what one does with sessions from outside of a conversation, beside a running editor too.
 * Returns the exit code, as `runCli` says.
 */
export async function session(args: SessionArguments): Promise<number> {
  const broken = brokenPipe([process.stdout, process.stderr]);
  const tell = (line: string) => void process.stderr.write(`${line}\n`);
  try {
    const directory = await folderOf(args.dir ?? '.');
    let whole = true;
    const told = new Set<string>();
    const world: SessionWorld = {
      // No drain runs here; what a folder says of itself counts only where the user asks for its older sessions.
      ports: cliPorts({ isTrusted: () => args.type === 'adopt', tell }),
      directory,
      version,
      tell,
      signal: broken,
      onTrouble: ({ storage }, trouble) => {
        whole = false;
        tell(troubleLine(storage, trouble));
      },
      // The folder's own sessions are all there: nothing that was asked for failed.
      onRegistry: ({ message }) => {
        if (!told.has(message)) tell(message);
        told.add(message);
      },
    };
    const code = await perform(args, world);
    return whole && !broken.aborted ? code : Math.max(code, 1);
  } catch (error) {
    if (broken.aborted && error === broken.reason) return 1;
    if (!(error instanceof HostError)) throw error;
    tell(error.message);
    return error.code === 'cli.usage' ? 2 : 1;
  }
}

function perform(args: SessionArguments, world: SessionWorld): Promise<number> {
  switch (args.type) {
    case 'list':
      return listSessions(args, world);
    case 'show':
      return showSession(args, world);
    case 'export':
      return exportSession(args, world);
    case 'import':
      return importSession(args, world);
    case 'delete':
      return deleteSession(args, world);
    case 'adopt':
      return adoptSessions(args, world);
  }
}
