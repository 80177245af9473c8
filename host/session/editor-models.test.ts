import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import type { LanguageModelPart, LanguageModelRequest, LanguageModels } from '../ports/language-models.ts';
import { answer, lastTurn, toolsOf } from '../testing/read-view.ts';
import { openTestHost, type TestHost } from '../testing/test-host.ts';

type Answer = (request: LanguageModelRequest, signal: AbortSignal) => AsyncIterable<LanguageModelPart>;

const model = { providerID: 'vscode', modelID: 'lab/one' };
const offered = {
  vendor: 'lab',
  id: 'one',
  name: 'One',
  family: 'one',
  version: '1',
  maxInputTokens: 100_000,
};

/** An editor with one model that answers so. */
function editorWith(say: Answer) {
  const requests: LanguageModelRequest[] = [];
  const signals: AbortSignal[] = [];
  const listeners = new Set<() => void>();
  const state = { models: [offered] };
  const languageModels: LanguageModels = {
    list: async () => state.models,
    onDidChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    send(request, { signal }) {
      requests.push(request);
      signals.push(signal);
      return say(request, signal);
    },
  };
  const change = (models: typeof state.models) => {
    state.models = models;
    for (const listener of listeners) listener();
  };
  return { requests, signals, change, ports: <T extends object>(ports: T) => ({ ...ports, languageModels }) };
}

const text = (value: string): LanguageModelPart => ({ type: 'text', value });

/** Resolves when the models on offer are others than before. */
function found({ host }: TestHost): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const subscription = host.onCatalogChange(() => {
    subscription[Symbol.dispose]();
    resolve();
  });
  return promise;
}

const namesIn = async ({ host, workspace }: TestHost) =>
  (await host.choices(workspace)).models.map(({ ref }) => `${ref.providerID}/${ref.modelID}`);

test('a session runs on a model of the editor: a call, its result, an answer, and the restart after it (LM-03)', async () => {
  const editor = editorWith(async function* ({ messages }) {
    const [last] = messages.at(-1)?.content ?? [];
    if (last?.type === 'tool-result') return yield text('It greets.');
    if (last?.type === 'text' && last.value.includes('again')) return yield text('It still does.');
    yield { type: 'thinking', value: 'I had better look.' };
    yield text('I look.');
    yield { type: 'tool-call', callID: 'call_1', name: 'read', input: { filePath: 'greet.ts' } };
  });
  await using rig = await openTestHost({ ports: editor.ports });
  const view = await rig.run('What does it do?', { model });
  expect(toolsOf(view)).toMatchObject([{ tool: 'read', callID: 'call_1', state: { status: 'completed' } }]);
  expect(answer(view)).toBe('It greets.');
  const [first, second] = editor.requests;
  expect(first).toMatchObject({ vendor: 'lab', id: 'one' });
  expect(first?.tools.map(({ name }) => name)).toContain('read');
  expect(second?.messages.slice(-3)).toMatchObject([
    { role: 'user' },
    { role: 'assistant', content: [text('I look.'), { type: 'tool-call', callID: 'call_1', name: 'read' }] },
    { role: 'user', content: [{ type: 'tool-result', callID: 'call_1' }] },
  ]);
  expect(JSON.stringify(second?.messages.at(-1))).toContain('export function greet');
  await rig.reopen();
  const later = await rig.run('again', { model, sessionID: view.session.id });
  expect(answer(later)).toBe('It still does.');
  // What went before is the same to the byte.
  expect(JSON.stringify(editor.requests[2]?.messages.slice(0, second?.messages.length))).toBe(
    JSON.stringify(second?.messages),
  );
});

test('Stop ends the request at the editor, keeps what was said, and leaves no listener behind (RT-09)', async () => {
  const begun = Promise.withResolvers<void>();
  const editor = editorWith(async function* (_request, signal) {
    yield text('One moment');
    begun.resolve();
    const { promise, reject } = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => reject(new Error('Canceled')), { once: true });
    await promise;
  });
  await using rig = await openTestHost({ ports: editor.ports });
  const { sessionID } = await rig.prompt('Go', { model });
  await begun.promise;
  await rig.host.sessions.interrupt(sessionID);
  await rig.host.sessions.awaitIdle(sessionID);
  const view = await rig.view(sessionID);
  expect(lastTurn(view)).toMatchObject({ error: { name: 'MessageAbortedError' } });
  expect(answer(view)).toBe('One moment');
  const [signal] = editor.signals;
  expect(signal?.aborted).toBe(true);
  expect(signal && getEventListeners(signal, 'abort')).toEqual([]);
});

test('what the editor refuses stands in the conversation, and is not asked for again (LM-11)', async () => {
  const editor = editorWith(
    // biome-ignore lint/correctness/useYield: it is refused before anything is said
    async function* () {
      throw Object.assign(new Error('Not allowed.'), { name: 'LanguageModelError', code: 'NoPermissions' });
    },
  );
  await using rig = await openTestHost({ ports: editor.ports, retries: { times: 3 } });
  const turn = lastTurn(await rig.run('Go', { model }));
  expect(turn.error).toMatchObject({ data: { code: 'model-denied', providerID: 'Your editor' } });
  expect(turn.error?.data.message).toContain('The editor does not let Millrace use this model.');
  expect(editor.requests).toHaveLength(1);
});

test('models that come and go are told, and a turn on one that is gone says so (LM-03)', async () => {
  const editor = editorWith(() => {
    throw new Error('Nobody is to be asked here.');
  });
  await using rig = await openTestHost({ ports: editor.ports });
  expect(await namesIn(rig)).toEqual(['scripted/scripted', 'vscode/lab/one']);
  const accounts = await rig.host.accounts.all(rig.workspace);
  expect(accounts.map(({ id }) => id)).not.toContain('vscode');
  const told = found(rig);
  editor.change([]);
  await told;
  expect(await namesIn(rig)).toEqual(['scripted/scripted']);
  const turn = lastTurn(await rig.run('Go', { model }));
  expect(JSON.stringify(turn)).toContain('The editor offers no model');
  expect(editor.requests).toEqual([]);
});
