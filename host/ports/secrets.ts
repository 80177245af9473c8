/**
 * Secrets of the user: the editor's secret storage, or a file for this user alone. A value is an opaque text; it never
 * goes into a log or into the text of an error.
 *
 * Errors are HostErrors: `secrets.none` where nothing can be kept, `secrets.unsafe`, `secrets.damaged`, `secrets.busy`.
 */
export interface Secrets {
  get(key: string): Promise<string | undefined>;
  /** Durable when it resolves. */
  set(key: string, value: string): Promise<void>;
  /** Does nothing where nothing is kept under that key. */
  delete(key: string): Promise<void>;
  /** Told the key of what was set or deleted, by whatever window or process; now and then once more than needed. */
  onDidChange(listener: (key: string) => void): Disposable;
  /**
   * Waits until none of this user's windows and processes on this machine holds the lock of that name, and holds it.
   * It guards what is read, used and written: `get` and `set` alone need none. On abort rejects with `signal.reason`.
   * @throws HostError `secrets.busy` when somebody holds it for longer than anything under it may take
   */
  lock(name: string, signal: AbortSignal): Promise<Disposable>;
}
