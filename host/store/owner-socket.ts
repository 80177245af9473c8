import { createHash } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as Schema from 'effect/Schema';

/**
 * Takes the name of this folder and epoch: the channel over which a new owner asks the old one for the folder.
 * The operating system frees the name when its process ends, so an answer means a living owner.
 * Of the platforms' branches below only Linux has been run.
 * @param answer called with each request; the connection ends when it returns.
 * @returns undefined when somebody has the name.
 */
export async function listenAsOwner(
  name: SocketName,
  answer: (request: YieldRequest) => void,
): Promise<Disposable | undefined> {
  const server = createServer((socket) => serve(socket, answer));
  const path = socketPath(name);
  if (await tryListening(server, path)) return closing(server);
  // Elsewhere than with Linux' abstract names and Windows' pipes a dead owner's file stays behind.
  if (process.platform !== 'darwin' || (await isOwnerAlive(name))) return undefined;
  unlinkSync(path);
  return (await tryListening(server, path)) ? closing(server) : undefined;
}

export interface SocketName {
  /** Real path of the folder. */
  readonly directory: string;
  readonly epoch: number;
}

/** The nonce is that of the owner's lock file: who cannot read the folder is not heard. */
export type YieldRequest = typeof YieldRequest.Type;
const YieldRequest = Schema.Struct({ nonce: Schema.String, surface: Schema.String });

/** Whether an owner of that epoch lives, in this network namespace. */
export async function isOwnerAlive(name: SocketName): Promise<boolean> {
  const found = await reach(name);
  if (typeof found === 'object') found.destroy();
  return found !== 'nobody';
}

/** Asks the owner of that epoch to stop writing; returns when it has, when it is gone, or after `ms`. */
export async function askToYield(
  name: SocketName,
  request: YieldRequest,
  { ms, signal }: { readonly ms: number; readonly signal: AbortSignal },
): Promise<void> {
  signal.throwIfAborted();
  const found = await reach(name);
  if (found === 'nobody') return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = (): void => reject(signal.reason);
  const timer = setTimeout(resolve, ms);
  signal.addEventListener('abort', abort, { once: true });
  if (typeof found === 'object') {
    // The owner ends the connection when it no longer writes; so does the system when the owner dies.
    found.on('error', () => resolve()).on('close', () => resolve());
    found.resume().write(`${JSON.stringify(request)}\n`);
  }
  try {
    signal.throwIfAborted();
    await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
    if (typeof found === 'object') found.destroy();
  }
}

function socketPath({ directory, epoch }: SocketName): string {
  const folder = createHash('sha256').update(directory).digest('hex').slice(0, 32);
  const name = `millrace-${folder}-${epoch}`;
  if (process.platform === 'linux') return `\0${name}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  return join(tmpdir(), `${name}.sock`);
}

function tryListening(server: Server, path: string): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const failed = (error: NodeJS.ErrnoException): void => {
    if (error.code === 'EADDRINUSE') resolve(false);
    else reject(error);
  };
  server.once('error', failed);
  server.listen(path, () => {
    server.off('error', failed);
    resolve(true);
  });
  return promise;
}

function closing(server: Server): Disposable {
  // The store's other work decides how long the thread lives.
  server.unref();
  return { [Symbol.dispose]: () => void server.close() };
}

/** `busy`: somebody is there and does not take connections. */
function reach(name: SocketName): Promise<Socket | 'nobody' | 'busy'> {
  const { promise, resolve } = Promise.withResolvers<Socket | 'nobody' | 'busy'>();
  const socket = connect(socketPath(name));
  socket.once('connect', () => {
    socket.removeAllListeners('error');
    resolve(socket);
  });
  socket.once('error', ({ code }: NodeJS.ErrnoException) => {
    resolve(code === 'ECONNREFUSED' || code === 'ENOENT' ? 'nobody' : 'busy');
  });
  return promise;
}

const longestRequest = 4096;
const decodeRequest = Schema.decodeUnknownResult(Schema.fromJsonString(YieldRequest));

function serve(socket: Socket, answer: (request: YieldRequest) => void): void {
  let text = '';
  // A peer that goes away in mid-sentence asked for nothing.
  socket.on('error', () => socket.destroy());
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    if (text.length > longestRequest) socket.destroy();
    if (!text.includes('\n')) return;
    const request = decodeRequest(text.slice(0, text.indexOf('\n')));
    if (request._tag === 'Success') answer(request.success);
    socket.end();
  });
}
