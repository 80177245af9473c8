import { expect, test } from 'vitest';
import type { ModelConfig } from '../config/config-schema.ts';
import { describeModel } from './ingest.ts';
import type { DevModel } from './models-dev.ts';
import { variantsOf } from './variants.ts';

const messages = { protocolID: 'anthropic-messages', npm: '@ai-sdk/anthropic' };
const chat = { protocolID: 'openai-chat', npm: '@ai-sdk/openai-compatible' };
const gemini = { protocolID: 'gemini', npm: '@ai-sdk/google' };

function variants(dev: Partial<DevModel>, dialect: typeof chat, config: ModelConfig = {}) {
  const limit = { context: 200_000, output: 64_000 };
  const model = describeModel('m', { dev: { name: 'M', reasoning: true, limit, ...dev }, config });
  return Object.fromEntries(
    [...variantsOf(model, dialect)].map(([name, { generation, options }]) => [
      name,
      { ...generation, ...options },
    ]),
  );
}

const effort = (...values: (string | null)[]) => ({ reasoning_options: [{ type: 'effort', values }] });
const budget = { type: 'budget_tokens', min: 1024 };

test('a model that has efforts has a variant for each, in their order (LM-05)', () => {
  expect(variants(effort('low', null, 'default', 'high'), chat)).toEqual({
    low: { reasoningEffort: 'low' },
    high: { reasoningEffort: 'high' },
  });
  expect(Object.keys(variants({ ...effort('low'), reasoning: false }, chat))).toEqual([]);
});

test('where thinking is asked for by its effort, none is asked for by saying nothing', () => {
  expect(variants(effort('none', 'max'), messages)).toEqual({ none: {}, max: { reasoningEffort: 'max' } });
  expect(variants(effort('none', 'high'), chat)['none']).toEqual({ reasoningEffort: 'none' });
});

test('budgets become variants where the protocol can say them, and leave room for words', () => {
  const dev = { reasoning_options: [{ type: 'toggle' }, budget] };
  const thinking = (tokens: number) => ({ thinking: { type: 'enabled', budget_tokens: tokens } });
  expect(variants(dev, messages)).toEqual({
    none: { thinking: { type: 'disabled' } },
    low: thinking(4_000),
    medium: thinking(8_000),
    high: thinking(16_000),
    max: thinking(24_000),
  });
  expect(variants({ ...dev, limit: { context: 9_000, output: 8_000 } }, messages)).toMatchObject({
    low: thinking(4_000),
    max: thinking(6_000),
  });
  expect(variants(dev, gemini)).toMatchObject({
    none: { reasoningEffort: 'none' },
    high: { reasoningEffort: '16000' },
  });
  expect(variants(dev, chat)).toEqual({});
});

test('a model from before the highest effort wants its budget beside the effort', () => {
  const older = { reasoning_options: [...effort('high').reasoning_options, budget] };
  expect(variants(older, messages)['high']).toEqual({
    reasoningEffort: 'high',
    thinking: { type: 'enabled', budget_tokens: 16_000 },
  });
  const newer = { reasoning_options: [...effort('high', 'max').reasoning_options, budget] };
  expect(variants(newer, messages)['high']).toEqual({ reasoningEffort: 'high' });
});

test('another way to run a model is a variant with options, headers and a price of its own', () => {
  const fast = {
    cost: { input: 8, output: 40 },
    provider: { body: { speed: 'fast' }, headers: { 'x-beta': 'fast' } },
  };
  const model = describeModel('m', { dev: { name: 'M', experimental: { modes: { fast } } } });
  expect(variantsOf(model, messages).get('fast')).toMatchObject({
    options: { speed: 'fast' },
    headers: { 'x-beta': 'fast' },
    price: { input: 8, output: 40 },
  });
});

test('variants of opencode.json add to those of the catalogue, change them, and take them away (LM-05)', () => {
  const config: ModelConfig = {
    variants: {
      high: { textVerbosity: 'low' },
      low: { disabled: true },
      own: { thinking: { type: 'enabled', budgetTokens: 9_000 } },
    },
  };
  expect(variants(effort('low', 'high'), messages, config)).toEqual({
    high: { reasoningEffort: 'high', textVerbosity: 'low' },
    own: { thinking: { type: 'enabled', budget_tokens: 9_000 } },
  });
});
