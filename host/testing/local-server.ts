import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Routes, serve } from '../llm/testing/local-servers.ts';

/** A stand-in for a local model server that lists models and chats, and can be made to do otherwise. */
export interface ScriptedServer {
  readonly origin: string;
  /** Paths that were asked for, in order. */
  readonly paths: readonly string[];
  /** What it lists; a path that is not in it is not found. */
  routes: Routes;
  /** Status of its chats; 0: it hangs up, whatever it is asked. */
  status: number;
  /** Its chats wait for this. */
  gate: Promise<void>;
}

/** Over real HTTP, for the running test. */
export async function serveModels(routes: Routes): Promise<ScriptedServer> {
  const paths: string[] = [];
  const origin = await serve((request, response) => {
    paths.push(request.url ?? '');
    void answer(request, response, script);
  });
  const script: ScriptedServer = { origin, paths, routes, status: 200, gate: Promise.resolve() };
  return script;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  script: ScriptedServer,
): Promise<void> {
  let body = '';
  for await (const bytes of request) body += bytes;
  const { url = '' } = request;
  if (script.status === 0) return void request.socket.destroy();
  if (url.endsWith('/chat/completions')) return script.gate.then(() => chat(response, script.status));
  const route = script.routes[url];
  const value = typeof route === 'function' ? route(body) : route;
  response.writeHead(value === undefined ? 404 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value ?? { error: 'not found' }));
}

function chat(response: ServerResponse, status: number): void {
  if (status !== 200) {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { message: 'model not found', code: 'model_not_found' } }));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const chunk = (delta: object, finish: string | null) =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  response.end(`${chunk({ content: 'Hi.' }, null)}${chunk({}, 'stop')}data: [DONE]\n\n`);
}
