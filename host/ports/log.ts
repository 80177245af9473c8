/** What a log line may carry: facts, never prompts, file contents or secrets above trace. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** The message is constant; what varies goes into the fields. */
export interface Log {
  trace(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  /** `error` is logged with its stack and causes. */
  error(message: string, error: unknown, fields?: LogFields): void;
}
