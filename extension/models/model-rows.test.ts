import { expect, test } from 'vitest';
import type { Account } from '#host/host.ts';
import type { ModelChoice } from '#shared/protocol.ts';
import { say as sayWord } from '#shared/words.ts';
import { type ModelFacts, type ModelRow, modelDetail, modelRows, type SayWord } from './model-rows.ts';

const say: SayWord = (key, args = []) => sayWord({}, key, args);

const model = (providerID: string, modelID: string, over: Partial<ModelChoice> = {}): ModelChoice => ({
  ref: { providerID, modelID },
  name: modelID.toUpperCase(),
  providerName: providerID === 'openai' ? 'OpenAI' : 'Local',
  ...over,
});

const account = (id: string, over: Partial<Account> = {}): Account => ({
  id,
  name: id,
  env: [],
  access: { type: 'usable' },
  state: { type: 'none' },
  methods: [],
  ...over,
});

const keyMethod: Account['methods'][number] = {
  method: 'key',
  type: 'key',
  name: 'API key',
  needsClient: false,
  verified: true,
  sources: [],
};
const waiting = (id: string, over: Partial<Account> = {}): Account =>
  account(id, { access: { type: 'missing', reason: '' }, methods: [keyMethod], ...over });

const rows = (facts: Partial<ModelFacts>): readonly ModelRow[] =>
  modelRows({ models: [], accounts: [], chosen: null, recent: [], ...facts }, say);

const labels = (facts: Partial<ModelFacts>): readonly string[] => rows(facts).map(({ label }) => label);

test('models stand under their providers in the order of the host, with how each is signed in at', () => {
  const models = [model('openai', 'b'), model('local', 'x'), model('openai', 'a')];
  const accounts = [
    account('openai', { state: { type: 'environment', variable: 'OPENAI_API_KEY' } }),
    account('local'),
  ];
  expect(labels({ models, accounts })).toEqual(['OpenAI · OPENAI_API_KEY', 'B', 'A', 'Local', 'X']);
  const signedIn = account('openai', {
    state: { type: 'signed-in', method: 'chatgpt', account: 'ada@example.com' },
  });
  expect(labels({ models, accounts: [signedIn] })[0]).toBe('OpenAI · ada@example.com');
});

test('what was used last stands first, with its variant, unless that is all there is', () => {
  const models = [model('openai', 'a', { variants: ['low', 'high'] }), model('openai', 'b')];
  const recent = [
    { providerID: 'openai', modelID: 'a', variant: 'high' },
    { providerID: 'gone', modelID: 'x' },
  ];
  expect(labels({ models, recent })).toEqual(['Used last', 'A · high', 'OpenAI', 'A', 'B']);
  expect(rows({ models, recent })[1]).toMatchObject({ ref: { modelID: 'a', variant: 'high' } });
  expect(labels({ models: models.slice(0, 1), recent })).toEqual(['OpenAI', 'A']);
  const stale = [{ providerID: 'openai', modelID: 'b', variant: 'high' }];
  expect(rows({ models, recent: stale })[1]).toMatchObject({
    label: 'B',
    ref: { providerID: 'openai', modelID: 'b' },
  });
});

test('the chosen model is marked wherever it stands, whatever its variant', () => {
  const models = [model('openai', 'a'), model('openai', 'b')];
  const chosen = { providerID: 'openai', modelID: 'b', variant: 'low' };
  const marked = rows({ models, chosen }).flatMap((row) =>
    row.type === 'model' && row.isChosen ? [row.label] : [],
  );
  expect(marked).toEqual(['B']);
});

test('a provider that wants a sign-in can be chosen for it; one that cannot be reached is not there', () => {
  const accounts = [
    waiting('mistral', { env: ['MISTRAL_API_KEY'] }),
    waiting('xai', {
      state: { type: 'signed-out', problem: { reason: 'refused', text: 'The sign-in has ended.' } },
    }),
    account('sap', { access: { type: 'unspoken', reason: '' }, methods: [keyMethod] }),
    account('off', { access: { type: 'disabled' }, methods: [keyMethod] }),
  ];
  expect(rows({ accounts })).toEqual([
    { type: 'section', label: 'Sign in to use' },
    {
      type: 'provider',
      providerID: 'mistral',
      label: 'mistral',
      description: 'mistral · sign in',
      detail: 'Or set MISTRAL_API_KEY before the editor starts.',
    },
    {
      type: 'provider',
      providerID: 'xai',
      label: 'xai',
      description: 'xai · The sign-in has ended.',
      detail: '',
    },
  ]);
});

test('a model is told with its status, size, price, what it can do and its variants (LM-09)', () => {
  const capabilities = { input: ['text', 'image'], reasoning: true, toolCall: true };
  const full = model('openai', 'a', {
    status: 'deprecated',
    contextLimit: 200_000,
    price: { input: 0.25, output: 15 },
    capabilities,
    variants: ['low', 'high'],
  });
  expect(modelDetail(full, say)).toBe(
    'deprecated · 200k context · $0.25 in / $15 out per M · sees images · thinks · variants low, high',
  );
  expect(modelDetail(model('openai', 'b', { needsConsent: true }), say)).toContain('your key is held back');
  const free = model('local', 'x', {
    price: { input: 0, output: 0 },
    capabilities: { input: ['text'], reasoning: false, toolCall: false },
  });
  expect(modelDetail(free, say)).toBe('free · calls tools in its text');
  expect(modelDetail(model('local', 'y'), say)).toBe('');
});

test('a price has the digits that its maker gives it, without those that adding binary fractions makes', () => {
  const priced = (input: number, output: number) =>
    modelDetail(model('openai', 'a', { price: { input, output } }), say);
  expect(priced(0.1 + 0.2, 0.075)).toBe('$0.30 in / $0.075 out per M');
  expect(priced(150, 600)).toBe('$150 in / $600 out per M');
});

test('many variants are told by the first and the last, and one that only turns thinking off in words', () => {
  const told = (variants: readonly string[]) => modelDetail(model('openai', 'a', { variants }), say);
  expect(told(['low', 'medium', 'high'])).toBe('variants low … high');
  expect(told(['low', 'medium', 'high', 'max'])).toBe('variants low … max');
  expect(told(['none'])).toBe('thinking optional');
  expect(told(['none', 'high'])).toBe('variants none, high');
});
