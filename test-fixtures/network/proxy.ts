import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** A proxy for HTTP: it forwards what is asked by a whole address, and tunnels what is asked by CONNECT (RFC 9110). */
export interface Proxy extends AsyncDisposable {
  readonly url: string;
  /** Host and port of everything that went through it. */
  readonly targets: readonly string[];
}

/** @param origins where the hosts really are that no name server knows: `http://127.0.0.1:PORT` by name */
export async function startProxy(origins: Readonly<Record<string, string>> = {}): Promise<Proxy> {
  const targets: string[] = [];
  const open = new Set<Socket>();
  const server = createServer((request, response) => {
    const { hostname, host, pathname, search } = new URL(request.url ?? '');
    targets.push(host);
    const origin = origins[hostname] ?? `http://${host}`;
    forward(request, response, `${origin}${pathname}${search}`);
  });
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    const asked = new URL(`tunnel://${request.url}`);
    targets.push(asked.host);
    const { hostname, port } = new URL(origins[asked.hostname] ?? asked);
    const behind = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(behind).pipe(socket);
    });
    for (const each of [socket, behind]) {
      open.add(each);
      // Either side may leave at any time; the other one is told by the end of the pipe.
      each.on('error', () => each.destroy()).on('close', () => open.delete(each));
    }
  });
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject).listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    targets,
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      for (const socket of open) socket.destroy();
      await closed.promise;
    },
  };
}

function forward(request: IncomingMessage, response: ServerResponse, address: string): void {
  const { method = 'GET', headers } = request;
  const onward = send(address, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  request.pipe(onward);
}
