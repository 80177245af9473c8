import { expect, test } from 'vitest';
import { createLLM, type Route } from '../route.ts';
import type { LLMRequest } from '../schema.ts';
import { smallRequest } from '../testing/recordings.ts';
import { anthropic } from './anthropic.ts';
import { azure } from './azure.ts';
import { copilot } from './copilot.ts';
import { deepseek } from './deepseek.ts';
import { groq } from './groq.ts';
import { mistral } from './mistral.ts';
import { openai, openaiCompletions } from './openai.ts';
import { openaiCompatible } from './openai-compatible.ts';
import { openrouter } from './openrouter.ts';
import type { ProviderSettings } from './settings.ts';
import { xai } from './xai.ts';

type Make = (settings: ProviderSettings) => Route;
type Sent = { readonly url: string; readonly headers: Headers; readonly body: Record<string, unknown> };

const request: LLMRequest = {
  ...smallRequest,
  generation: { maxOutputTokens: 7, reasoningEffort: 'low' },
  sessionID: 'ses_1',
};

/** The one request that a provider makes; it is answered with nothing. */
async function sentBy(make: Make, settings: ProviderSettings = {}): Promise<Sent> {
  const sent: Sent[] = [];
  const fetch = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    sent.push({
      url: String(url),
      headers: new Headers(init?.headers),
      body: JSON.parse(String(init?.body)),
    });
    return new Response('', { headers: { 'content-type': 'text/event-stream' } });
  };
  const llm = createLLM(make({ apiKey: 'k-123456', ...settings, fetch }));
  for await (const _event of llm.stream(request, { signal: new AbortController().signal }));
  const [only] = sent;
  if (only === undefined || sent.length > 1) throw new Error(`${sent.length} requests were sent`);
  return only;
}

const onAzure: Make = (settings) => azure({ ...settings, resourceName: 'mine' });
const olderAzure: Make = (settings) =>
  azure({ ...settings, resourceName: 'mine', shape: 'completions', apiVersion: '1' });
const own: Make = (settings) => openaiCompatible({ baseURL: 'https://own.test/v1', ...settings });

const rows: readonly (readonly [name: string, make: Make, url: string])[] = [
  ['OpenAI', openai, 'https://api.openai.com/v1/responses'],
  ['OpenAI, the older way', openaiCompletions, 'https://api.openai.com/v1/chat/completions'],
  ['Anthropic', anthropic, 'https://api.anthropic.com/v1/messages'],
  ['Azure', onAzure, 'https://mine.openai.azure.com/openai/v1/responses'],
  [
    'Azure, the older way',
    olderAzure,
    'https://mine.openai.azure.com/openai/v1/chat/completions?api-version=1',
  ],
  ['OpenRouter', openrouter, 'https://openrouter.ai/api/v1/chat/completions'],
  ['xAI', xai, 'https://api.x.ai/v1/chat/completions'],
  ['Groq', groq, 'https://api.groq.com/openai/v1/chat/completions'],
  ['Mistral', mistral, 'https://api.mistral.ai/v1/chat/completions'],
  ['DeepSeek', deepseek, 'https://api.deepseek.com/chat/completions'],
  ['GitHub Copilot', copilot, 'https://api.githubcopilot.com/chat/completions'],
  ['any other', own, 'https://own.test/v1/chat/completions'],
];

test.each(rows)('%s is asked at its own address, with its key (LM-03)', async (_name, make, url) => {
  const { url: asked, headers } = await sentBy(make);
  expect(asked).toBe(url);
  const keys = ['authorization', 'x-api-key', 'api-key'].map((name) => headers.get(name));
  expect(keys.filter((key) => key?.includes('k-123456'))).toHaveLength(1);
});

test.each(rows)(
  '%s is asked at another address, with a token, where the user says so (LM-03)',
  async (_name, make) => {
    const auth = { type: 'token', token: async () => 't-654321', last: () => 't-654321' } as const;
    const { url, headers } = await sentBy(make, {
      baseURL: 'https://other.test/x',
      auth,
      headers: { 'x-mine': 'yes' },
    });
    expect(url).toMatch(/^https:\/\/other\.test\/x\//);
    expect(headers.get('authorization')).toBe('Bearer t-654321');
    expect(headers.get('x-mine')).toBe('yes');
    expect(JSON.stringify([...headers])).not.toContain('k-123456');
  },
);

test('each is asked in its own dialect (LM-06)', async () => {
  expect((await sentBy(openai)).body).toMatchObject({
    max_output_tokens: 7,
    prompt_cache_key: 'ses_1',
    store: false,
  });
  expect((await sentBy(openaiCompletions)).body).toMatchObject({
    max_completion_tokens: 7,
    prompt_cache_key: 'ses_1',
  });
  expect((await sentBy(openrouter)).body).toMatchObject({ max_tokens: 7, reasoning: { effort: 'low' } });
  expect((await sentBy(mistral)).body).not.toHaveProperty('stream_options');
  expect((await sentBy(groq)).body).toMatchObject({ max_completion_tokens: 7, reasoning_effort: 'low' });
  expect((await sentBy(own)).body).toMatchObject({ max_tokens: 7, stream_options: { include_usage: true } });
});
