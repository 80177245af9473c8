import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** What small stand-ins for local model servers answer, by path; a POST's body goes to a function. */
export type Routes = Readonly<Record<string, object | ((body: string) => object)>>;

/** A real HTTP server on the loopback interface for the running test; gives its origin. */
export async function serve(answer: Routes | RequestListener): Promise<string> {
  const server = createServer(typeof answer === 'function' ? answer : listenerOf(answer));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An origin at which nothing listens. */
export async function nobody(): Promise<string> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return `http://127.0.0.1:${port}`;
}

function listenerOf(routes: Routes): RequestListener {
  return (request, response) => {
    void bodyOf(request).then((body) => {
      const route = routes[request.url ?? ''];
      const value = typeof route === 'function' ? route(body) : route;
      response.writeHead(value === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(value ?? { error: 'not found' }));
    });
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const bytes of request) body += bytes;
  return body;
}

/** What Ollama answers that has `qwen3:8b` loaded with 4,096 tokens and `llama3:latest` not loaded. */
export const ollama: Routes = {
  '/api/tags': { models: [{ name: 'qwen3:8b', size: 1 }, { name: 'llama3:latest' }] },
  '/api/ps': { models: [{ name: 'qwen3:8b', context_length: 4096 }] },
  '/api/show': (body) => {
    const { model } = JSON.parse(body) as { model: string };
    if (model === 'qwen3:8b')
      return { capabilities: ['completion', 'tools'], model_info: { 'qwen3.context_length': 40960 } };
    return {
      capabilities: ['completion'],
      parameters: 'stop "<|eot|>"\nnum_ctx                        32768',
      model_info: { 'llama.context_length': 131072 },
    };
  },
};

export const lmStudio: Routes = {
  '/api/v0/models': {
    data: [
      {
        id: 'qwen',
        type: 'llm',
        state: 'loaded',
        max_context_length: 32768,
        loaded_context_length: 8192,
        capabilities: ['tool_use'],
      },
      { id: 'plain', type: 'llm', state: 'not-loaded', max_context_length: 8192, capabilities: [] },
      { id: 'embed', type: 'embeddings', max_context_length: 2048 },
    ],
  },
};

export const llamaCpp: Routes = {
  '/v1/models': {
    object: 'list',
    data: [{ id: 'gemma', owned_by: 'llamacpp', meta: { n_ctx: 16384, n_ctx_train: 131072 } }],
  },
  '/props': { default_generation_settings: { n_ctx: 16384 }, chat_template_caps: { supports_tools: true } },
};

export const docker: Routes = {
  '/engines/v1/models': { object: 'list', data: [{ id: 'ai/qwen2.5-coder', owned_by: 'docker' }] },
};

export const vllm: Routes = {
  '/v1/models': { object: 'list', data: [{ id: 'Qwen/Qwen3-8B', owned_by: 'vllm', max_model_len: 40960 }] },
};
