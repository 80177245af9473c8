import { HostError } from '#shared/host-error.ts';

/** Loads something once, when it is first needed, and closes it at the end. */
export interface Loader<T> extends AsyncDisposable {
  /** The same each time; after a failure the next call tries again. @throws HostError `host.closed` once disposed */
  load(): Promise<T>;
}

/** `open` gives up when its signal aborts; what it opens nevertheless is disposed with the loader. */
export function loadOnce<T extends AsyncDisposable>(open: (signal: AbortSignal) => Promise<T>): Loader<T> {
  const closing = new AbortController();
  let loaded: Promise<T> | undefined;
  let closed: Promise<void> | undefined;

  const close = async () => {
    closing.abort(closedError());
    // A failed opening leaves nothing to close, and was told to who asked for it.
    const opened = await loaded?.catch(() => undefined);
    await opened?.[Symbol.asyncDispose]();
  };

  return {
    load() {
      if (closing.signal.aborted) return Promise.reject(closedError());
      loaded ??= open(closing.signal).catch((error: unknown) => {
        loaded = undefined;
        throw error;
      });
      return loaded;
    },
    [Symbol.asyncDispose]() {
      closed ??= close();
      return closed;
    },
  };
}

function closedError(): HostError {
  return new HostError('host.closed', 'Millrace is closing with the window.');
}
