/**
 * A domain error: the operation cannot go on. Callers match on `code`, never on the message.
 * The message says what happened, to what, and what to do next; `data` carries the facts.
 */
export class HostError extends Error {
  override readonly name = 'HostError';
  readonly code: string;
  readonly data: Readonly<Record<string, string | number>>;

  constructor(code: string, message: string, facts: HostErrorFacts = {}) {
    super(message, facts.cause === undefined ? {} : { cause: facts.cause });
    this.code = code;
    this.data = facts.data ?? {};
  }

  /** Host and extension are bundles of their own, each with a copy of this class: the name is what they share. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'HostError' && 'code' in value && 'data' in value;
  }
}

export interface HostErrorFacts {
  readonly data?: Readonly<Record<string, string | number>>;
  readonly cause?: unknown;
}

/** True for a HostError with this code. */
export function hasCode(error: unknown, code: string): error is HostError {
  return error instanceof HostError && error.code === code;
}
