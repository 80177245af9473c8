import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { openModelList } from './model-list.ts';
import { send, settled } from './states.ts';
import { useStage } from './use-stage.ts';

// A model server that runs on this machine is found by itself, and used without a line of configuration.

/** What a small Ollama answers; a chat is one word. */
const facts: Readonly<Record<string, object>> = {
  '/api/tags': { models: [{ name: 'tiny:1b' }] },
  '/api/ps': { models: [{ name: 'tiny:1b', context_length: 4096 }] },
  '/api/show': { capabilities: ['completion', 'tools'], model_info: { 'tiny.context_length': 40_960 } },
};
const chunk = { choices: [{ index: 0, delta: { content: 'Found' }, finish_reason: 'stop' }] };

const server = createServer((request, response) => {
  const fact = facts[request.url ?? ''];
  request.resume();
  if (fact) response.end(JSON.stringify(fact));
  else if (request.url !== '/v1/chat/completions') response.writeHead(404).end();
  else {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
  }
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const { port } = server.address() as AddressInfo;
const { editor, chat } = await useStage({ env: { OLLAMA_HOST: `127.0.0.1:${port}` } });

test('a local model is offered in the list, and answers (LM-03)', async () => {
  await chat.getByRole('textbox', { name: 'Prompt' }).waitFor();
  const list = await openModelList(editor);
  await list.take('ollama/tiny:1b');
  await chat.getByRole('button', { name: 'Model: tiny:1b. Choose another.' }).waitFor();
  await send(chat, 'say something');
  await chat.getByText('Found', { exact: true }).waitFor();
  await settled(chat);
});

test('what keeps it from answering well is said in plain words (LM-14)', async () => {
  const notice = chat.getByText('The local model ollama/tiny:1b could do better.');
  expect(await notice.textContent()).toContain('Ollama gives tiny:1b 4,096 tokens of context');
});
