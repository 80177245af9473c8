import { appendFileSync } from 'node:fs';
import { HostError } from '#shared/host-error.ts';
import type { Log, LogFields } from '../ports/log.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

export interface LogOptions {
  /** Takes one finished line without its newline. */
  readonly write: (line: string) => void;
  /** Lines below this level are not written. */
  readonly level: LogLevel;
  readonly now: () => number;
}

const levels: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error'];

/** A log of one JSON object per line: `time`, `level`, `message`, then the fields, then `error`. */
export function createLog({ write, level, now }: LogOptions): Log {
  const lowest = levels.indexOf(level);
  const at =
    (of: LogLevel) =>
    (message: string, fields: LogFields = {}, error?: unknown) => {
      if (levels.indexOf(of) < lowest) return;
      const time = new Date(now()).toISOString();
      write(JSON.stringify({ time, level: of, message, ...fields, error: errorFields(error) }));
    };
  const error = at('error');
  return {
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: (message, thrown, fields) => error(message, fields, thrown),
  };
}

/** Writes lines to a file, whole and in order; the folder must exist. */
export function fileWriter(path: string): (line: string) => void {
  return (line) => appendFileSync(path, `${line}\n`, { mode: 0o600 });
}

/** Writes lines to stderr, which leaves stdout to the answer. */
export function stderrWriter(line: string): void {
  process.stderr.write(`${line}\n`);
}

interface ErrorFields {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: ErrorFields;
}

function errorFields(error: unknown, depth = 0): ErrorFields | undefined {
  if (error === undefined) return undefined;
  if (!(error instanceof Error)) return { name: typeof error, message: String(error) };
  const cause = depth < 5 ? errorFields(error.cause, depth + 1) : undefined;
  return {
    name: error.name,
    message: error.message,
    ...(error instanceof HostError && { code: error.code }),
    ...(error.stack !== undefined && { stack: error.stack }),
    ...(cause !== undefined && { cause }),
  };
}
