import { expect, test } from 'vitest';
import type { LanguageModel, LanguageModels } from '../ports/language-models.ts';
import type { Log } from '../ports/log.ts';
import { openEditorSource } from './editor-source.ts';
import type { FoundModels, FoundSource } from './found-models.ts';
import { catalogWith, lab, labKey, model, names, reason, refOf } from './testing/catalog-rig.ts';
import { modelWith } from './testing/small-catalog.ts';

const gpt: LanguageModel = {
  vendor: 'copilot',
  id: 'gpt-4o',
  name: 'GPT-4o',
  family: 'gpt-4o',
  version: '2024-11-20',
  maxInputTokens: 63_827,
  readsImages: true,
  callsTools: true,
};

/** An editor whose list a test changes, and that says so. */
function editorWith(first: readonly LanguageModel[]) {
  const listeners = new Set<() => void>();
  const warned: unknown[] = [];
  const nothing = () => undefined;
  const log: Log = {
    trace: nothing,
    debug: nothing,
    info: nothing,
    warn: (_message, fields) => warned.push(fields),
    error: nothing,
  };
  const state = { models: first, asked: 0, before: async () => undefined as unknown };
  const languageModels: LanguageModels = {
    async list() {
      state.asked += 1;
      const { models } = state;
      await state.before();
      return models;
    },
    onDidChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    // biome-ignore lint/correctness/useYield: nobody is to be asked here
    async *send() {
      throw new Error('Nobody is to be asked here.');
    },
  };
  const change = (models: readonly LanguageModel[]) => {
    state.models = models;
    for (const listener of listeners) listener();
  };
  return { state, warned, listeners, change, source: () => openEditorSource({ languageModels, log }) };
}

/** Resolves when something is found that was not there before. */
function changed(source: FoundSource): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const subscription = source.onChange(() => {
    subscription[Symbol.dispose]();
    resolve();
  });
  return promise;
}

async function foundFor(...models: readonly LanguageModel[]): Promise<FoundModels> {
  using source = editorWith(models).source();
  await changed(source);
  return source.latest;
}

test('the editor’s models stand in the catalogue, and are reached by the editor alone (LM-03)', async () => {
  const catalog = catalogWith({ found: await foundFor(gpt), providers: lab({ m: modelWith() }) });
  expect(names(catalog)).toEqual(['vscode/copilot/gpt-4o']);
  expect(model(catalog, 'vscode/copilot/gpt-4o')).toMatchObject({
    wireID: 'copilot/gpt-4o',
    family: 'gpt-4o',
    limit: { context: 63_827, input: 63_827 },
    compatibility: { toolCall: true },
    capabilities: { input: ['text', 'image'], output: ['text'], attachment: true },
    route: { protocol: { id: 'editor-chat' }, auth: { type: 'none' } },
    choice: { name: 'GPT-4o', providerName: 'Your editor', contextLimit: 63_827 },
  });
  expect(catalog.models[0]).not.toHaveProperty('price');
  expect(catalog.providers.find(({ id }) => id === 'vscode')).toMatchObject({ access: { type: 'usable' } });
});

test('what an editor does not tell is taken so that the model works, and a vendor is told where names are not', async () => {
  const { readsImages: _, callsTools: _tools, ...plain } = gpt;
  const other = { ...plain, vendor: 'lab', maxInputTokens: Number.POSITIVE_INFINITY };
  const nameless = { ...plain, vendor: 'acme', id: 'x', name: '', callsTools: false };
  const catalog = catalogWith({ found: await foundFor(plain, other, nameless, { ...plain, name: 'Twice' }) });
  expect(catalog.models.map(({ name }) => name)).toEqual(['GPT-4o (copilot)', 'GPT-4o (lab)', 'x']);
  expect(model(catalog, 'vscode/lab/gpt-4o')).toMatchObject({
    limit: {},
    compatibility: { toolCall: true },
    capabilities: { input: ['text'] },
  });
  // Its calls are read out of its text.
  expect(model(catalog, 'vscode/acme/x').compatibility.toolCall).toBe(false);
});

test('what Millrace itself offers to the editor is not offered back', async () => {
  const found = await foundFor({ ...gpt, vendor: 'millrace' }, gpt);
  expect(names(catalogWith({ found }))).toEqual(['vscode/copilot/gpt-4o']);
});

test('a model that is gone is told as such, and so is the whole editor without models', async () => {
  const editor = editorWith([gpt]);
  using source = editor.source();
  await changed(source);
  const before = source.latest;
  const again = changed(source);
  editor.change([]);
  await again;
  expect(source.latest).not.toBe(before);
  const catalog = catalogWith({ found: source.latest });
  expect(names(catalog)).toEqual([]);
  expect(catalog.providers.map(({ id }) => id)).not.toContain('vscode');
  expect(reason(catalog, 'vscode/copilot/gpt-4o')).toBe(
    'The editor offers no model "copilot/gpt-4o" here. The extension that brings it may be off or signed out: see to that, or choose another model.',
  );
  expect(reason(catalog, 'nobody/x')).toBe('unknown');
});

test('a model that was chosen before works until the editor has said what there is, and nobody waits for that', async () => {
  const editor = editorWith([]);
  const gate = Promise.withResolvers<void>();
  editor.state.before = () => gate.promise;
  using source = editor.source();
  const early = catalogWith({ found: source.latest });
  expect(names(early)).toEqual([]);
  expect(model(early, 'vscode/copilot/gpt-4o')).toMatchObject({
    limit: {},
    compatibility: { toolCall: true },
  });
  const told = changed(source);
  gate.resolve();
  await told;
  expect(reason(catalogWith({ found: source.latest }), 'vscode/copilot/gpt-4o')).toContain('offers no model');
});

test('lists that are alike are one, and changes that come together are asked for once more', async () => {
  const editor = editorWith([gpt]);
  using source = editor.source();
  await changed(source);
  let told = 0;
  using _counting = source.onChange(() => {
    told += 1;
  });
  const gate = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  editor.state.before = () => {
    asked.resolve();
    return gate.promise;
  };
  editor.change([{ ...gpt }]);
  await asked.promise;
  for (let count = 0; count < 5; count += 1) editor.change([{ ...gpt }]);
  expect(editor.state.asked).toBe(2);
  const other = changed(source);
  editor.change([{ ...gpt, name: 'Other' }]);
  gate.resolve();
  await other;
  expect(editor.state.asked).toBe(3);
  expect(told).toBe(1);
});

test('an editor that fails is logged, and asked again when it changes', async () => {
  const editor = editorWith([gpt]);
  const failed = Promise.withResolvers<void>();
  editor.state.before = () => {
    failed.resolve();
    return Promise.reject(new Error('No.'));
  };
  using source = editor.source();
  await failed.promise;
  const told = changed(source);
  editor.state.before = async () => undefined;
  editor.change([gpt]);
  await told;
  expect(editor.warned).toEqual([{ error: 'Error: No.' }]);
  expect(names(catalogWith({ found: source.latest }))).toEqual(['vscode/copilot/gpt-4o']);
});

test('what comes after closing is passed over', async () => {
  const editor = editorWith([gpt]);
  const gate = Promise.withResolvers<void>();
  editor.state.before = () => gate.promise;
  const source = editor.source();
  const before = source.latest;
  source[Symbol.dispose]();
  gate.resolve();
  await new Promise(setImmediate);
  expect(source.latest).toBe(before);
  expect(editor.listeners.size).toBe(0);
});

test('a project gives the editor’s models neither an address nor a model, a package or a header (LM-03)', async () => {
  const options = { baseURL: 'https://evil.test/v1', headers: { a: 'b' } };
  const models = {
    mine: { name: 'Mine' },
    'copilot/gpt-4o': { provider: { npm: '@ai-sdk/openai', api: 'https://evil.test' }, headers: { c: 'd' } },
  };
  const provider = {
    vscode: { npm: '@ai-sdk/openai-compatible', api: 'https://evil.test', options, models },
  };
  const stored = { vscode: { type: 'key', key: 'sk-user' } } as const;
  const world = { project: { provider }, variables: labKey, providers: lab({ m: modelWith() }), stored };
  const catalog = catalogWith({ ...world, found: await foundFor(gpt) });
  const { route, endpoint } = model(catalog, 'vscode/copilot/gpt-4o');
  expect(endpoint).toBe('vscode.lm');
  expect(route).toMatchObject({
    auth: { type: 'none' },
    endpoint: { headers: {} },
    protocol: { id: 'editor-chat' },
  });
  expect(reason(catalog, 'vscode/mine')).toContain('The editor offers no model "mine"');
  expect(names(catalog)).not.toContain('vscode/mine');
  const gone = catalogWith({ ...world, found: await foundFor({ ...gpt, vendor: 'millrace' }) });
  expect(reason(gone, 'vscode/copilot/gpt-4o')).toContain('The editor offers no model');
});

test('the configuration names, bounds and turns off the editor’s models like any others (LM-05)', async () => {
  const found = await foundFor(gpt, { ...gpt, id: 'o9', name: 'o9' });
  const models = { 'copilot/gpt-4o': { name: 'Mine', limit: { context: 10_000 }, options: { stop: ['x'] } } };
  const named = catalogWith({
    found,
    user: { provider: { vscode: { name: 'Here', models, blacklist: ['copilot/o9'] } } },
  });
  expect(names(named)).toEqual(['vscode/copilot/gpt-4o']);
  expect(model(named, 'vscode/copilot/gpt-4o')).toMatchObject({
    limit: { context: 10_000 },
    options: { stop: ['x'] },
    choice: { name: 'Mine', providerName: 'Here' },
  });
  for (const user of [{ disabled_providers: ['vscode'] }, { enabled_providers: ['lab'] }]) {
    const off = catalogWith({ found, user });
    expect(names(off)).toEqual([]);
    expect(reason(off, 'vscode/copilot/gpt-4o')).toContain('is turned off');
    expect(off.resolve(refOf('vscode/copilot/gone')).type).toBe('unknown');
  }
});

test('where nobody chose, a provider that the user signed in at goes before the editor’s models', async () => {
  const found = await foundFor(gpt);
  const world = { found, providers: lab({ m: modelWith() }) };
  expect(catalogWith({ ...world, variables: labKey }).defaultModel).toEqual(refOf('lab/m'));
  expect(catalogWith(world).defaultModel).toEqual(refOf('vscode/copilot/gpt-4o'));
});
