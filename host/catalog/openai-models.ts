import type { ModelConfig } from '../config/config-schema.ts';

const limit = { context: 1_050_000, output: 128_000 };

/**
 * OpenAI's models that are offered when only a key is set, the first one by default.
 * Source: the catalogue of models.dev, 2026-09-28; prices in US dollars per million tokens.
 */
export const openaiModels: Readonly<Record<string, ModelConfig>> = {
  'gpt-5.5': { name: 'GPT-5.5', limit, cost: { input: 5, output: 30, cache_read: 0.5 } },
  'gpt-5.4': { name: 'GPT-5.4', limit, cost: { input: 2.5, output: 15, cache_read: 0.25 } },
  'gpt-5.4-mini': {
    name: 'GPT-5.4 mini',
    limit: { context: 400_000, output: 128_000 },
    cost: { input: 0.75, output: 4.5, cache_read: 0.075 },
  },
};
