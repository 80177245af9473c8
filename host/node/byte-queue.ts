import type { Readable } from 'node:stream';

const fullBytes = 1024 * 1024;

export interface ByteQueue {
  /** The bytes in order, once; ends when the stream has, or was destroyed. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Resolves when no more can come. */
  readonly closed: Promise<void>;
}

/**
 * Reads a stream from now on, whether or not anybody listens yet: Node throws away what a child wrote before its
 * exit when nobody had begun to read. Holds at most about 1 MiB, then lets the writer wait.
 */
export function queueBytes(stream: Readable): ByteQueue {
  const chunks: Uint8Array[] = [];
  let held = 0;
  let isOpen = true;
  let wake: (() => void) | undefined;
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  stream.on('data', (chunk: Uint8Array) => {
    chunks.push(chunk);
    held += chunk.length;
    if (held >= fullBytes) stream.pause();
    wake?.();
  });
  stream.once('close', () => {
    isOpen = false;
    close();
    wake?.();
  });
  // A pipe that breaks has ended; how the program ended is told by its exit.
  stream.on('error', () => stream.destroy());
  async function* bytes() {
    while (isOpen || chunks.length > 0) {
      const chunk = chunks.shift();
      if (chunk === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      held -= chunk.length;
      if (held < fullBytes / 2) stream.resume();
      yield chunk;
    }
  }
  return { bytes: bytes(), closed };
}
