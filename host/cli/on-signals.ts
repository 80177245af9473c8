/** A signal that came, as the exit code that tells of it. */
export interface Signals extends Disposable {
  readonly code: number | undefined;
}

const codes = { SIGINT: 130, SIGTERM: 143 } as const;

/** The first signal interrupts cleanly; the second ends the process at once. */
export function onSignals(interrupt: () => Promise<void>): Signals {
  let code: number | undefined;
  const on = (name: keyof typeof codes) => () => {
    if (code !== undefined) process.exit(codes[name]);
    code = codes[name];
    interrupt().catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    });
  };
  const listeners = { SIGINT: on('SIGINT'), SIGTERM: on('SIGTERM') };
  process.on('SIGINT', listeners.SIGINT);
  process.on('SIGTERM', listeners.SIGTERM);
  return {
    get code() {
      return code;
    },
    [Symbol.dispose]() {
      process.off('SIGINT', listeners.SIGINT);
      process.off('SIGTERM', listeners.SIGTERM);
    },
  };
}
