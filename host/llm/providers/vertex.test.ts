import { getEventListeners } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createLLM, type Route } from '../route.ts';
import type { LLMEvent, LLMRequest } from '../schema.ts';
import { applicationDefault } from './google-login.ts';
import { vertex, vertexAnthropic } from './vertex.ts';

const request: LLMRequest = {
  model: 'gemini-3-pro',
  system: [],
  messages: [{ type: 'user', content: [{ type: 'text', text: 'Hi' }] }],
  tools: [],
  generation: {},
};
const never = new AbortController().signal;

type Sent = { readonly url: string; readonly headers: Headers; readonly body: string };

async function all(route: Route, model: string, signal = never): Promise<readonly LLMEvent[]> {
  const events: LLMEvent[] = [];
  for await (const event of createLLM(route).stream({ ...request, model }, { signal })) events.push(event);
  return events;
}

/** Answers in place of Google, login included, and keeps what it was asked. */
function google(login: () => Response | Promise<Response> = () => Response.json({ access_token: 'never' })) {
  const sent: Sent[] = [];
  const fetch = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const address = url instanceof Request ? url.url : String(url);
    sent.push({ url: address, headers: new Headers(init?.headers), body: String(init?.body ?? '') });
    if (address.includes('oauth2')) return login();
    const chunk = { candidates: [{ content: { parts: [{ text: 'Hi' }] }, finishReason: 'STOP' }] };
    return new Response(`data: ${JSON.stringify(chunk)}\n\n`, {
      headers: { 'content-type': 'text/event-stream' },
    });
  };
  return { sent, fetch, calls: () => sent.filter(({ url }) => !url.includes('oauth2')) };
}

/** The login of a user, as `gcloud` leaves it. */
async function withLogin(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-login-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'credentials.json');
  const login = { type: 'authorized_user', client_id: 'c', client_secret: 's', refresh_token: 'r' };
  await writeFile(file, JSON.stringify(login));
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', file);
  onTestFinished(() => void vi.unstubAllEnvs());
}

const auth = { type: 'bearer', key: 'token-1' } as const;
const gemini = 'publishers/google/models/gemini-3-pro:streamGenerateContent?alt=sse';

test.each([
  [{ project: 'p' }, 'https://aiplatform.googleapis.com/v1beta1/projects/p/locations/global'],
  [
    { project: 'p', location: 'global' },
    'https://aiplatform.googleapis.com/v1beta1/projects/p/locations/global',
  ],
  [
    { project: 'p', location: 'europe-west4' },
    'https://europe-west4-aiplatform.googleapis.com/v1beta1/projects/p/locations/europe-west4',
  ],
  [
    { project: 'p', location: 'eu' },
    'https://aiplatform.eu.rep.googleapis.com/v1beta1/projects/p/locations/eu',
  ],
  [{ project: 'p', baseURL: 'https://proxy.test/v' }, 'https://proxy.test/v'],
])('%j listens at %s (LM-03)', async (place, address) => {
  const { fetch, sent } = google();
  await all(vertex({ ...place, auth, fetch }), 'gemini-3-pro');
  expect(sent.map(({ url }) => url)).toEqual([`${address}/${gemini}`]);
  expect(sent[0]?.headers.get('authorization')).toBe('Bearer token-1');
});

test('a location that is another address gets no token', async () => {
  const { fetch, sent } = google();
  const place = { project: 'p', location: 'thief.test/x?' };
  expect(await all(vertex({ ...place, auth, fetch }), 'gemini-3-pro')).toMatchObject([
    { error: { code: 'invalid-request' } },
  ]);
  expect(sent).toEqual([]);
});

test('a key without a project is the express mode, and the key stays out of the address', async () => {
  const { fetch, sent } = google();
  await all(vertex({ apiKey: 'k-express', fetch }), 'gemini-3-pro');
  expect(sent.map(({ url }) => url)).toEqual([`https://aiplatform.googleapis.com/v1beta1/${gemini}`]);
  expect(sent[0]?.headers.get('x-goog-api-key')).toBe('k-express');
});

test("Anthropic's models are asked for by the address, in their own format", async () => {
  const { fetch, sent } = google();
  await all(vertexAnthropic({ project: 'p', location: 'us-east5', auth, fetch }), 'claude-opus-5@default');
  expect(sent.map(({ url }) => url)).toEqual([
    'https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5/publishers/anthropic/models/claude-opus-5@default:streamRawPredict',
  ]);
  const body = JSON.parse(sent[0]?.body ?? '');
  expect(body).toMatchObject({ anthropic_version: 'vertex-2023-10-16', stream: true });
  expect(body).not.toHaveProperty('model');
});

test('without a key the login of the machine is used, and its token for as long as it is good', async () => {
  await withLogin();
  const { fetch, sent, calls } = google(() => Response.json({ access_token: 'token-2', expires_in: 3600 }));
  const route = vertex({ project: 'p', fetch });
  await all(route, 'gemini-3-pro');
  await all(route, 'gemini-3-pro');
  expect(calls().map(({ headers }) => headers.get('authorization'))).toEqual([
    'Bearer token-2',
    'Bearer token-2',
  ]);
  expect(sent).toHaveLength(3);
  expect(route.auth.type === 'token' && route.auth.last()).toBe('token-2');
});

test('a login that is refused is an error that says what to do', async () => {
  await withLogin();
  const { fetch, calls } = google(() => Response.json({ error: 'invalid_grant' }, { status: 400 }));
  expect(await all(vertex({ project: 'p', fetch }), 'gemini-3-pro')).toMatchObject([
    {
      error: {
        code: 'auth',
        message: expect.stringMatching(/invalid_grant.*gcloud auth/s),
        retryable: false,
      },
    },
  ]);
  expect(calls()).toEqual([]);
});

test('an abort does not wait for the login, and leaves no listener behind', async () => {
  await withLogin();
  const asked = Promise.withResolvers<void>();
  const { fetch } = google(() => {
    asked.resolve();
    return new Promise<Response>(() => undefined);
  });
  const login = applicationDefault(fetch, 'p');
  const caller = new AbortController();
  const waiting = login.token(caller.signal);
  await asked.promise;
  caller.abort('gone');
  await expect(waiting).rejects.toBe('gone');
  await expect(login.token(AbortSignal.abort('before'))).rejects.toBe('before');
  expect(getEventListeners(caller.signal, 'abort')).toHaveLength(0);
});
