import type * as vscode from 'vscode';
import type { Log, LogFields } from '#host/ports/log.ts';

/** The host's log in the editor's output channel, at the level the user chose there. */
export function createLog(output: vscode.LogOutputChannel): Log {
  return {
    trace: (message, fields) => output.trace(line(message, fields)),
    debug: (message, fields) => output.debug(line(message, fields)),
    info: (message, fields) => output.info(line(message, fields)),
    warn: (message, fields) => output.warn(line(message, fields)),
    error: (message, error, fields) => output.error(line(`${message}\n${described(error)}`, fields)),
  };
}

function line(message: string, fields: LogFields | undefined): string {
  return fields && Object.keys(fields).length > 0 ? `${message} ${JSON.stringify(fields)}` : message;
}

function described(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by ${described(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
