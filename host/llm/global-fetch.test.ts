import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { anthropic } from './providers/anthropic.ts';
import { bedrock } from './providers/bedrock.ts';
import { google } from './providers/google.ts';
import { openai } from './providers/openai.ts';
import { openaiCompatible } from './providers/openai-compatible.ts';
import { vertex, vertexAnthropic } from './providers/vertex.ts';
import { createLLM, type Route } from './route.ts';
import type { LLMEvent, LLMRequest } from './schema.ts';

// An editor puts a `fetch` of its own in the place of the global one, which knows its proxy and its certificates.
// Whatever is asked has to go through the one that stands there when it is asked.

const request: LLMRequest = {
  model: 'm',
  system: [],
  messages: [{ type: 'user', content: [{ type: 'text', text: 'Hi' }] }],
  tools: [],
  generation: {},
};

type Answers = Readonly<Record<string, () => Response>>;

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'millrace-fetch-'));
  for (const name of Object.keys(process.env).filter((each) => /^(AWS|GOOGLE)_/.test(each)))
    vi.stubEnv(name, undefined);
  vi.stubEnv('HOME', home);
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  rmSync(home, { recursive: true });
});

/** Every host that is asked once the route is there, by the global `fetch` of then; models refuse. */
async function hostsAsked(route: Route, answers: Answers = {}): Promise<readonly string[]> {
  const hosts: string[] = [];
  vi.stubGlobal('fetch', async (url: string | URL | Request) => {
    const { hostname } = new URL(url instanceof Request ? url.url : url);
    hosts.push(hostname);
    return answers[hostname]?.() ?? Response.json({ error: { message: 'Enough.' } }, { status: 400 });
  });
  const { signal } = new AbortController();
  const events: LLMEvent[] = [];
  for await (const event of createLLM(route).stream(request, { signal })) events.push(event);
  expect(events).toMatchObject([{ error: { message: expect.stringContaining('Enough.'), status: 400 } }]);
  return hosts;
}

const baseURL = 'https://models.test/v1';
const apiKey = 'key';

test.each([
  ['chat completions', openaiCompatible({ baseURL, apiKey })],
  ['Responses', openai({ baseURL, apiKey })],
  ['Messages', anthropic({ baseURL, apiKey })],
  ['Gemini', google({ baseURL, apiKey })],
  ['Converse', bedrock({ baseURL, apiKey, region: 'us-east-1' })],
])('a model is asked by %s through the global fetch of that moment', async (_, route) => {
  expect(await hostsAsked(route)).toEqual(['models.test']);
});

test.each([
  ['Gemini', vertex({ baseURL, project: 'p' })],
  ['Messages', vertexAnthropic({ baseURL, project: 'p' })],
])('a login at Google for %s is renewed through it', async (_, route) => {
  const file = join(home, 'credentials.json');
  const login = { type: 'authorized_user', client_id: 'c', client_secret: 's', refresh_token: 'r' };
  writeFileSync(file, JSON.stringify(login));
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', file);
  const renewed = () => Response.json({ access_token: 'token', expires_in: 3600, token_type: 'Bearer' });
  const hosts = await hostsAsked(route, { 'oauth2.googleapis.com': renewed });
  expect(hosts).toEqual(['oauth2.googleapis.com', 'models.test']);
});

const later = new Date(Date.now() + 3_600_000);

test('a single sign-on at AWS is asked for credentials through it, in the region of its profile', async () => {
  const start = 'https://acme.awsapps.test/start';
  const cache = join(home, '.aws/sso/cache');
  mkdirSync(cache, { recursive: true });
  writeFileSync(
    join(home, '.aws/config'),
    `[profile work]\nsso_start_url = ${start}\nsso_region = eu-north-1\nsso_account_id = 1\nsso_role_name = dev\n`,
  );
  const name = createHash('sha1').update(start).digest('hex');
  const token = { accessToken: 'of-the-sign-on', expiresAt: later.toISOString() };
  writeFileSync(join(cache, `${name}.json`), JSON.stringify(token));
  const roleCredentials = { accessKeyId: 'AKIDSSO', secretAccessKey: 's', sessionToken: 't' };
  const given = () => Response.json({ roleCredentials: { ...roleCredentials, expiration: later.getTime() } });
  const route = bedrock({ baseURL, region: 'us-east-1', profile: 'work' });
  const hosts = await hostsAsked(route, { 'portal.sso.eu-north-1.amazonaws.com': given });
  expect(hosts).toEqual(['portal.sso.eu-north-1.amazonaws.com', 'models.test']);
});

test('a role at AWS is taken through it, in the region of the models', async () => {
  const file = join(home, 'token');
  writeFileSync(file, 'of-the-identity');
  vi.stubEnv('AWS_WEB_IDENTITY_TOKEN_FILE', file);
  vi.stubEnv('AWS_ROLE_ARN', 'arn:aws:iam::123456789012:role/models');
  const given = () =>
    new Response(
      `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>
        <AccessKeyId>AKIDROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey>
        <SessionToken>t</SessionToken><Expiration>${later.toISOString()}</Expiration>
      </Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
      { headers: { 'content-type': 'text/xml' } },
    );
  const hosts = await hostsAsked(bedrock({ baseURL, region: 'us-west-2' }), {
    'sts.us-west-2.amazonaws.com': given,
  });
  expect(hosts).toEqual(['sts.us-west-2.amazonaws.com', 'models.test']);
});
