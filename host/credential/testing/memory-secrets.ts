import type { Secrets } from '../../ports/secrets.ts';

/** Secrets as several windows of an editor have them: one storage, and a lock between them. */
export interface MemorySecrets extends Secrets {
  readonly values: Map<string, string>;
  /** Writes fail with this from now on. */
  failWrites(error: Error): void;
}

export function memorySecrets(): MemorySecrets {
  const values = new Map<string, string>();
  const listeners = new Set<(key: string) => void>();
  const queues = new Map<string, Promise<void>>();
  let failure: Error | undefined;
  const tell = (key: string) => {
    for (const listener of [...listeners]) listener(key);
  };
  return {
    values,
    failWrites(error) {
      failure = error;
    },
    get: async (key) => values.get(key),
    async set(key, value) {
      if (failure) throw failure;
      values.set(key, value);
      tell(key);
    },
    async delete(key) {
      if (values.delete(key)) tell(key);
    },
    onDidChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    async lock(name, signal) {
      const before = queues.get(name);
      const { promise, resolve } = Promise.withResolvers<void>();
      queues.set(name, promise);
      await before;
      signal.throwIfAborted();
      return { [Symbol.dispose]: resolve };
    },
  };
}
