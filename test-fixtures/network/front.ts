import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createSecureServer } from 'node:tls';

const certificates = join(import.meta.dirname, '../certificates');

/** The authority that signed the certificate of a secure front; no machine trusts it by itself. */
export const authority = join(certificates, 'authority.pem');

/** A port in front of a server: what comes in goes there, byte for byte. */
export interface Front extends AsyncDisposable {
  readonly port: number;
  /** Connections that were ever made to it. */
  readonly connections: number;
}

/** @param origin of the server behind it, `http://127.0.0.1:PORT` */
export async function startFront(
  origin: string,
  { isSecure = false }: { readonly isSecure?: boolean } = {},
): Promise<Front> {
  const { hostname, port } = new URL(origin);
  const open = new Set<Socket>();
  let connections = 0;
  const passOn = (socket: Socket): void => {
    connections += 1;
    const behind = connect(Number(port), hostname);
    socket.pipe(behind).pipe(socket);
    for (const each of [socket, behind]) {
      open.add(each);
      // Either side may leave at any time; the other one is told by the end of the pipe.
      each.on('error', () => each.destroy()).on('close', () => open.delete(each));
    }
  };
  const server: Server = isSecure ? createSecureServer(identity(), passOn) : createServer(passOn);
  // A client that does not trust the certificate breaks off.
  server.on('tlsClientError', () => undefined);
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject).listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      for (const socket of open) socket.destroy();
      await closed.promise;
    },
  };
}

function identity() {
  return {
    key: readFileSync(join(certificates, 'server-key.pem')),
    cert: readFileSync(join(certificates, 'server.pem')),
  };
}
