import { createHash } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { HostError } from '#shared/host-error.ts';
import { systemCode } from './file-errors.ts';

/** Longer than a request to a slow server may take, which is the longest thing that is done under such a lock. */
const patienceMs = 60_000;
const pauseMs = 10;

/**
 * Locks between the processes of one machine, by names that belong together in `scope`. A lock is a socket's name: the
 * system gives it to one, and frees it when its process ends, however that happens. Who waits is connected to who holds
 * it, and so is told at once. Of the platforms' branches only Linux' has been run.
 */
export function nameLock(scope: string, patience = patienceMs) {
  return async (name: string, signal: AbortSignal): Promise<Disposable> => {
    const path = socketPath(scope, name);
    let late: AbortSignal | undefined;
    for (;;) {
      signal.throwIfAborted();
      const held = await tryToHold(path);
      if (held !== undefined) return held;
      if (late?.aborted) throw busy(name);
      // No timer for those who need not wait.
      late ??= AbortSignal.timeout(patience);
      await untilFree(path, AbortSignal.any([signal, late]));
    }
  };
}

function busy(name: string): HostError {
  return new HostError(
    'secrets.busy',
    `Another window or process of yours has been at work on “${name}” for too long. Close it if it hangs, then try again.`,
    { data: { name } },
  );
}

function socketPath(scope: string, name: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([scope, name]))
    .digest('hex')
    .slice(0, 32);
  if (process.platform === 'linux') return `\0millrace-name-${hash}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\millrace-name-${hash}`;
  return join(tmpdir(), `millrace-name-${hash}.sock`);
}

function tryToHold(path: string): Promise<Disposable | undefined> {
  const waiting = new Set<Socket>();
  const server = createServer((socket) => {
    waiting.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => waiting.delete(socket));
    socket.unref();
  });
  const { promise, resolve, reject } = Promise.withResolvers<Disposable | undefined>();
  server.once('error', (error) => {
    if (systemCode(error) === 'EADDRINUSE') resolve(undefined);
    else reject(error);
  });
  server.listen(path, () => {
    server.unref();
    resolve({
      [Symbol.dispose]() {
        server.close();
        for (const socket of waiting) socket.destroy();
      },
    });
  });
  return promise;
}

/** Until who holds the name lets go of it, or `signal` is aborted. */
async function untilFree(path: string, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<'freed' | 'nobody'>();
  const stop = (): void => resolve('freed');
  const socket = connect(path);
  socket.on('error', (error) => {
    resolve(['ECONNREFUSED', 'ENOENT'].includes(systemCode(error)) ? 'nobody' : 'freed');
  });
  socket.on('close', stop).resume();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    if ((await promise) === 'nobody') await afterNobody(path);
  } finally {
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}

/** Freed just now; or, where the name is a file, left behind by a process that was killed. */
async function afterNobody(path: string): Promise<void> {
  if (process.platform === 'darwin') {
    try {
      unlinkSync(path);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  }
  await pause(pauseMs);
}
