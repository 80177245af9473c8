import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { mergeLayers } from '../config/merge-layers.ts';
import type { Environment } from '../ports/environment.ts';
import { bundledModels } from './bundled-models.ts';
import { createCatalog, type Resolution } from './catalog.ts';
import type { StoredCredentials } from './choose-credential.ts';
import type { ModelsDev } from './models-dev.ts';
import { readModelsFile, writeModelsFile } from './models-file.ts';

const path = join(import.meta.dirname, '../../../shared/models-dev.json');
const isThere = existsSync(path);
const noConfig = mergeLayers([], '/home/me');

const environmentOf = (variable: Environment['variable']): Environment => ({
  platform: 'linux',
  homeDirectory: '/home/me',
  surface: 'test',
  variable,
});

function readAll(): ModelsDev {
  const bytes = writeModelsFile(JSON.parse(readFileSync(path, 'utf8')));
  return readModelsFile(bytes, (entry, reason) => expect.fail(`${entry}: ${reason}`)).models;
}

/** What each model of each provider resolves to. */
function* resolveAll(data: ModelsDev, variable: Environment['variable']): Generator<Resolved> {
  // The one provider that is signed in to, whatever the environment says.
  const copilot: StoredCredentials = {
    of: (id) => (id === 'github-copilot' && variable('TOKEN') ? { type: 'key', key: 'k' } : undefined),
  };
  const world = { environment: environmentOf(variable), data, credentials: copilot };
  const catalog = createCatalog(noConfig, world);
  for (const { id, npm } of data.providers) {
    for (const [modelID, model] of data.models(id)) {
      const resolution = catalog.resolve({ providerID: id, modelID });
      yield { name: `${id}/${modelID}`, npm: model.provider?.npm ?? npm, resolution };
    }
  }
}

interface Resolved {
  readonly name: string;
  readonly npm: string;
  readonly resolution: Resolution;
}

function everything(name: string): string | undefined {
  if (name === 'OPENAI_BASE_URL') return undefined;
  return name.endsWith('_BASE_URL') ? 'https://here.test' : 'a-value';
}

test.runIf(isThere)(
  'every model of the whole catalogue resolves to a route, or says in one line why not (LM-05, LM-07)',
  () => {
    const counts = new Map<string, number>();
    for (const { npm, resolution } of resolveAll(readAll(), everything)) {
      const key = `${npm} ${outcomeOf(resolution)}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(Object.fromEntries([...counts].toSorted())).toMatchInlineSnapshot(`
      {
        "@ai-sdk/amazon-bedrock bedrock-converse": 164,
        "@ai-sdk/amazon-bedrock/mantle openai-responses": 15,
        "@ai-sdk/anthropic anthropic-messages": 152,
        "@ai-sdk/anthropic openai-chat": 12,
        "@ai-sdk/azure openai-responses": 133,
        "@ai-sdk/cerebras openai-chat": 2,
        "@ai-sdk/cohere openai-chat": 13,
        "@ai-sdk/deepinfra openai-chat": 71,
        "@ai-sdk/gateway openai-chat": 390,
        "@ai-sdk/google gemini": 53,
        "@ai-sdk/google-vertex gemini": 21,
        "@ai-sdk/google-vertex/anthropic anthropic-messages": 30,
        "@ai-sdk/groq openai-chat": 16,
        "@ai-sdk/mistral openai-chat": 35,
        "@ai-sdk/openai openai-chat": 24,
        "@ai-sdk/openai openai-responses": 196,
        "@ai-sdk/openai-compatible openai-chat": 5943,
        "@ai-sdk/openai-compatible openai-responses": 3,
        "@ai-sdk/perplexity openai-chat": 4,
        "@ai-sdk/togetherai openai-chat": 39,
        "@ai-sdk/vercel openai-chat": 3,
        "@ai-sdk/xai openai-chat": 12,
        "@aihubmix/ai-sdk-provider openai-chat": 137,
        "@jerome-benoit/sap-ai-provider-v2 unusable: SAP AI Core cannot be used yet: SAP AI Core wants a deployment of your own for each model.": 49,
        "@openrouter/ai-sdk-provider openai-chat": 385,
        "@qvac/ai-sdk-provider openai-chat": 9,
        "@saladtechnologies-oss/ai-sdk-provider openai-chat": 1,
        "ai-gateway-provider openai-chat": 14,
        "gitlab-ai-provider unusable: GitLab Duo cannot be used yet: GitLab Duo speaks only the protocol of its own agent platform.": 28,
        "merge-gateway-ai-sdk-provider openai-chat": 191,
        "venice-ai-sdk-provider openai-chat": 111,
        "watsonx-ai-provider unusable: watsonx.ai cannot be used yet: watsonx wants tokens of IBM Cloud and speaks a protocol of its own.": 5,
      }
    `);
  },
);

function outcomeOf(resolution: Resolution): string {
  if (resolution.type === 'unusable') return `unusable: ${resolution.reason}`;
  return resolution.type === 'model' ? resolution.model.route.protocol.id : resolution.type;
}

test.runIf(isThere)('every address is one that a request can go to, and none has a place left open', () => {
  for (const { name, resolution } of resolveAll(readAll(), everything)) {
    if (resolution.type !== 'model') continue;
    expect(resolution.model.endpoint, name).not.toMatch(/[{}$]|undefined/);
    expect(URL.canParse(resolution.model.endpoint), name).toBe(true);
  }
});

test.runIf(isThere)('without any credential every provider says in one line what it takes', () => {
  const reasons = new Set<string>();
  for (const { name, resolution } of resolveAll(readAll(), () => undefined)) {
    expect(resolution.type, name).toBe('unusable');
    if (resolution.type === 'unusable') reasons.add(resolution.reason);
  }
  expect([...reasons].filter((reason) => !/^\S[^\n]{20,160}\.$/.test(reason))).toEqual([]);
  expect(reasons).toContain('There is no credential for Anthropic. Sign in, or set ANTHROPIC_API_KEY.');
  expect(reasons).toContain('There is no credential for GitHub Copilot. Sign in.');
});

test('the catalogue that comes with Millrace is whole: nothing in it is left out', () => {
  const bytes = brotliDecompressSync(readFileSync(bundledModels()));
  const leftOut: string[] = [];
  const { models } = readModelsFile(bytes, (entry) => leftOut.push(entry));
  const count = models.providers.reduce((sum, { id }) => sum + models.models(id).size, 0);
  expect(leftOut).toEqual([]);
  expect(models.providers.length).toBeGreaterThan(200);
  expect(count).toBeGreaterThan(8_000);
});

test.runIf(isThere)('the catalogue that comes with Millrace is what the script makes of the file', () => {
  const bytes = writeModelsFile(JSON.parse(readFileSync(path, 'utf8')));
  const bundled = brotliDecompressSync(readFileSync(bundledModels()));
  expect(readModelsFile(bundled, () => undefined).models.date >= '2026-09-28').toBe(true);
  expect(bundled.equals(bytes)).toBe(true);
});
