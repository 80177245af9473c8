import { expect, test } from 'vitest';
import { joined, partOptions } from './sdk-options.ts';

test('options part into Generation Controls and Model Request Options (LM-05)', () => {
  const raw = { reasoningEffort: 'high', temperature: 0.2, top_p: 0.9, store: true, metadata: { team: 'x' } };
  expect(partOptions(raw, 'openai-chat')).toEqual({
    generation: { reasoningEffort: 'high', temperature: 0.2, topP: 0.9 },
    options: { store: true, metadata: { team: 'x' } },
  });
});

test('what the AI SDK calls by names of its own is given the provider’s, protocol by protocol', () => {
  const raw = { textVerbosity: 'low', reasoningSummary: 'auto', serviceTier: 'flex' };
  expect(partOptions(raw, 'openai-responses').options).toEqual({
    text: { verbosity: 'low' },
    reasoning: { summary: 'auto' },
    service_tier: 'flex',
  });
  expect(partOptions(raw, 'openai-chat').options).toMatchObject({ verbosity: 'low', service_tier: 'flex' });
  const thinking = { type: 'enabled', budgetTokens: 5 };
  expect(partOptions({ thinking }, 'anthropic-messages').options).toEqual({
    thinking: { type: 'enabled', budget_tokens: 5 },
  });
  expect(partOptions({ thinking }, 'openai-chat').options).toEqual({ thinking });
  const thinkingConfig = { thinkingBudget: 7 };
  expect(partOptions({ thinkingConfig }, 'gemini').options).toEqual({ generationConfig: { thinkingConfig } });
});

test('options laid over others join within objects, and replace everything else', () => {
  expect(joined({ a: { b: 1, c: [1] }, d: 1 }, { a: { c: [2] }, d: { e: 1 } })).toEqual({
    a: { b: 1, c: [2] },
    d: { e: 1 },
  });
  expect(Object.getPrototypeOf(joined({}, JSON.parse('{"__proto__": {"x": 1}}')))).toBe(Object.prototype);
});
