import { HostError } from '#shared/host-error.ts';
import type { Log, LogFields } from '../ports/log.ts';
import type { Hide } from './redaction.ts';

/** A log that passes on what it is told without secrets: in fields, and in errors with their stacks and causes. */
export function quietLog(log: Log, hide: Hide): Log {
  return {
    trace: (message, fields) => log.trace(message, quietFields(fields, hide)),
    debug: (message, fields) => log.debug(message, quietFields(fields, hide)),
    info: (message, fields) => log.info(message, quietFields(fields, hide)),
    warn: (message, fields) => log.warn(message, quietFields(fields, hide)),
    error: (message, error, fields) => log.error(message, quietError(error, hide), quietFields(fields, hide)),
  };
}

function quietFields(fields: LogFields = {}, hide: Hide): LogFields {
  const entries = Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === 'string' ? hide(value) : value,
  ]);
  return Object.fromEntries(entries);
}

/** More causes than any error has; a longer chain may be a ring. */
const deepest = 10;

/** The error itself, where nothing in it is to be hidden. */
function quietError(error: unknown, hide: Hide, depth = 0): unknown {
  if (typeof error === 'string') return hide(error);
  if (!(error instanceof Error)) return error;
  const message = hide(error.message);
  const stack = hide(error.stack ?? '');
  const cause = depth < deepest ? quietError(error.cause, hide, depth + 1) : undefined;
  if (message === error.message && stack === (error.stack ?? '') && cause === error.cause) return error;
  const copy = error instanceof HostError ? new HostError(error.code, message) : new Error(message);
  return Object.assign(copy, { name: error.name, stack, ...(cause === undefined ? {} : { cause }) });
}
