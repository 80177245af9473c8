import { expect, test } from 'vitest';
import { isSafeAddress } from '../ports/browser.ts';
import { builtinFlows } from './builtin-flows.ts';
import { fill, type OAuthFlow } from './flow.ts';

const oauth = builtinFlows.filter((flow): flow is OAuthFlow => flow.type !== 'key');

test('the providers of the requirement can be signed in to, each method under a name of its own (LM-08)', () => {
  const providers = new Set(builtinFlows.map(({ providerID }) => providerID));
  expect([...providers].toSorted()).toEqual([
    ...[
      'azure',
      'azure-cognitive-services',
      'cloudflare-ai-gateway',
      'cloudflare-workers-ai',
      'digitalocean',
    ],
    ...['github-copilot', 'openai', 'snowflake-cortex', 'xai'],
  ]);
  const names = builtinFlows.map(({ providerID, method }) => `${providerID} ${method}`);
  expect(new Set(names).size).toBe(names.length);
});

test('every fact of a flow has its source, and every address is https (LM-08)', () => {
  for (const flow of builtinFlows) {
    expect(flow.sources.length).toBeGreaterThan(0);
    for (const source of flow.sources) expect(source).toMatch(/^https:\/\//);
    for (const address of addressesIn(flow)) {
      expect(address).toMatch(/^https:\/\//);
      expect(isSafeAddress(address)).toBe(true);
    }
  }
});

/** All but the loopback redirects, with the questions answered. */
function addressesIn(flow: (typeof builtinFlows)[number]): readonly string[] {
  const answers = flow.type === 'key' ? {} : examplesOf(flow);
  const texts: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value === 'string' && value.includes('://')) texts.push(value);
    else if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) walk(each);
  };
  const { sources: _, ...rest } = flow;
  walk({ ...rest, remark: '', client: flow.type === 'key' ? {} : { ...flow.client, how: '' } });
  return texts.filter((text) => !text.includes(' ')).map((text) => fill(text, answers));
}

function examplesOf({ questions = [] }: OAuthFlow): Readonly<Record<string, string>> {
  return Object.fromEntries(questions.map(({ name, example }) => [name, example]));
}

test('no client of another product is used: it is the service’s for all, our own, or the user’s (LM-08)', () => {
  const published = oauth.filter(({ client }) => client.type === 'published');
  expect(published.map(({ providerID, client }) => [providerID, client])).toEqual([
    ['snowflake-cortex', { type: 'published', id: 'LOCAL_APPLICATION', secret: 'LOCAL_APPLICATION' }],
  ]);
  // The clients of Codex, VS Code, OpenCode, the Grok command line and Wrangler.
  const foreign = /app_EMoam|Iv1\.b507|Ov23li|b1a00492|b1a6c515|54d11594/;
  expect(JSON.stringify(builtinFlows)).not.toMatch(foreign);
});

test('what nobody has tried at the service is not called verified (LM-08)', () => {
  expect(oauth.filter(({ verified }) => verified)).toEqual([]);
});

const hostile = [
  ...['evil.test/#', 'evil.test/', 'a@evil.test', 'evil.test?', 'a:1', '../x', 'a b/', 'a\\b', '', '%2f'],
  ...['evil.test\n', '-a'],
];

test('examples answer their questions, and no answer leads to another host (LM-08)', () => {
  const questions = oauth.flatMap(({ questions: asked = [] }) => asked);
  for (const { pattern, example } of questions) expect(example).toMatch(pattern);
  const inAddresses = questions.filter(({ name }) => name !== 'scopes');
  expect(inAddresses.length).toBeGreaterThan(0);
  for (const { pattern } of inAddresses) {
    expect(hostile.filter((answer) => pattern.test(answer))).toEqual([]);
  }
  const snowflake = oauth.find(({ providerID }) => providerID === 'snowflake-cortex');
  expect(snowflake?.questions?.[0]?.pattern.test('a.')).toBe(false);
  const endpoint = fill(snowflake?.tokenEndpoint ?? '', { account: 'evil.test' });
  expect(new URL(endpoint).hostname).toBe('evil.test.snowflakecomputing.com');
});
