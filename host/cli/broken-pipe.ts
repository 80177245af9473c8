import type { EventEmitter } from 'node:events';

const broken: ReadonlySet<unknown> = new Set(['EPIPE', 'ERR_STREAM_DESTROYED']);

/**
 * Aborts when nobody reads a stream of ours any more, as behind `| head -1`. The listeners stay for good: each later
 * write fails again, some of them after the work is done. Other failures are thrown.
 */
export function brokenPipe(streams: readonly EventEmitter[]): AbortSignal {
  const controller = new AbortController();
  for (const stream of streams) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!broken.has(error.code)) throw error;
      controller.abort();
    });
  }
  return controller.signal;
}
