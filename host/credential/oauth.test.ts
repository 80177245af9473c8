import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { expect, test } from 'vitest';
import type { Plan } from '../../test-fixtures/oauth-server/authority.ts';
import type { Misbehaviour, OAuthServer } from '../../test-fixtures/oauth-server/server.ts';
import type { BrowserFlow } from './flow.ts';
import { browserFlow } from './testing/test-flows.ts';
import { openRig, type RigOptions, type SignInRig } from './testing/test-rig.ts';

const { signal } = new AbortController();

function rigWith(more: Partial<BrowserFlow> = {}, options: Partial<RigOptions> = {}): Promise<SignInRig> {
  return openRig({ flows: (url) => [browserFlow(url, more)], ...options });
}

function signIn({ credentials, interaction }: SignInRig, aborted = signal) {
  return credentials.signIn('acme', 'browser', { signal: aborted, interaction });
}

/** Nothing is kept, nothing waits, and no secret was said. */
function expectNothing({ credentials, secrets, clock, lines }: SignInRig, error?: unknown): void {
  expect(credentials.state('acme')).toEqual({ type: 'none' });
  expect(secrets.values.has('credential.acme')).toBe(false);
  expect(clock.timers).toBe(0);
  expect(JSON.stringify([lines, String(error), error])).not.toContain('secret-');
}

test('a sign-in in the browser goes by PKCE and a state, back to a loopback port, and is kept (LM-08)', async () => {
  await using rig = await rigWith();
  const state = await signIn(rig);
  expect(state).toEqual({
    ...{ type: 'signed-in', method: 'browser', account: 'ada@example.org' },
    expiresAt: rig.clock.now() + 3_600_000,
  });
  const [authorize] = rig.server.requests('/authorize');
  const [token] = rig.server.requests('/token');
  expect(authorize?.fields).toMatchObject({
    response_type: 'code',
    client_id: 'test-client',
    scope: 'models offline_access',
    code_challenge_method: 'S256',
    redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/callback$/),
    state: expect.stringMatching(/^[\w-]{43}$/),
  });
  expect(token?.fields).toMatchObject({
    grant_type: 'authorization_code',
    redirect_uri: authorize?.fields['redirect_uri'],
    code_verifier: expect.stringMatching(/^[\w-]{43}$/),
  });
  expect(token?.fields['code_verifier']).not.toBe(authorize?.fields['code_challenge']);
  expect(rig.credentials.of('acme')).toMatchObject({ type: 'auth', headers: { 'x-account': 'acc-1' } });
  expect(rig.clock.timers).toBe(0);
  expect(rig.lines.join()).not.toContain('secret-');
});

test('two sign-ins share neither state nor verifier (LM-08)', async () => {
  await using rig = await rigWith();
  await signIn(rig);
  await signIn(rig);
  const [one, other] = rig.server.requests('/authorize');
  expect(one?.fields['state']).not.toBe(other?.fields['state']);
  expect(one?.fields['code_challenge']).not.toBe(other?.fields['code_challenge']);
});

const misplanned: readonly (readonly [plan: Plan['authorize'], code: string, words: RegExp])[] = [
  ['wrong-state', 'credential.state-mismatch', /answer to another sign-in/],
  ['no-state', 'credential.state-mismatch', /answer to another sign-in/],
  ['deny', 'credential.denied', /was denied\. Nothing was changed/],
  ['no-code', 'credential.refused', /no_code/],
  ['wrong-issuer', 'credential.issuer-mismatch', /another authorization server/],
];

test.for(misplanned)(
  'an answer in the browser that is %s signs nobody in (LM-08)',
  async ([plan, code, words]) => {
    await using rig = await rigWith();
    rig.server.plan.authorize = plan;
    const error = await signIn(rig).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, message: expect.stringMatching(words) });
    expect(rig.server.requests('/token')).toEqual([]);
    expectNothing(rig, error);
  },
);

const misbehaviours: readonly (readonly [what: string, next: Misbehaviour, code: string])[] = [
  ['is no JSON', { status: 200, body: 'secret-access-in-a-broken-body {' }, 'credential.malformed'],
  ['has no token', { status: 200, body: { token_type: 'Bearer' } }, 'credential.malformed'],
  [
    'is of another type',
    { status: 200, body: { access_token: 'secret-x', token_type: 'mac' } },
    'credential.malformed',
  ],
  ['is a fault', { status: 503, body: { detail: 'secret-access' } }, 'credential.unreachable'],
  ['breaks off', 'drop', 'credential.unreachable'],
  [
    'is a refusal with the status 200',
    { status: 200, body: { error: 'bad_verification_code' } },
    'credential.refused',
  ],
  [
    'refuses and repeats what it was sent',
    ({ fields }) => ({
      status: 400,
      body: { error: 'invalid_grant', error_description: `Not ${fields['code']}.` },
    }),
    'credential.refused',
  ],
  [
    'refuses with a code that is a secret',
    ({ fields }) => ({ status: 400, body: { error: `${fields['code']} {}` } }),
    'credential.refused',
  ],
];

test.for(misbehaviours)('an answer with tokens that %s signs nobody in (LM-08)', async ([, next, code]) => {
  await using rig = await rigWith();
  rig.server.next('/token', next);
  const error = await signIn(rig).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code });
  expectNothing(rig, error);
});

test('secrets do not follow a redirect of the token endpoint (LM-08)', async () => {
  await using rig = await rigWith();
  rig.server.next('/token', { status: 307, body: '', headers: { location: `${rig.server.url}/elsewhere` } });
  await expect(signIn(rig)).rejects.toMatchObject({ code: 'credential.refused' });
  expect(rig.server.requests('/elsewhere')).toEqual([]);
});

test('a token endpoint that is slow is given up after half a minute (LM-08)', async () => {
  await using rig = await rigWith();
  const held = rig.server.hold('/token');
  const signingIn = signIn(rig);
  await held.reached;
  rig.clock.advance(30_000);
  const error = await signingIn.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'credential.unreachable',
    message: expect.stringContaining('did not answer within 30 seconds'),
  });
  held.open();
  expectNothing(rig, error);
});

test('a user who never comes back is not waited for beyond ten minutes (LM-08)', async () => {
  await using rig = await rigWith({}, { browser: () => Promise.resolve() });
  const signingIn = signIn(rig);
  await rig.shown(({ opened }) => opened);
  await rig.clock.waited(600_000);
  rig.clock.advance(600_000);
  const error = await signingIn.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'credential.timed-out' });
  expectNothing(rig, error);
});

test('an abort ends a sign-in at once with its reason, before it began, in the browser and at the server (LM-08)', async () => {
  await using rig = await rigWith({}, { browser: () => Promise.resolve() });
  const reason = new Error('enough');
  await expect(signIn(rig, AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(rig.pages).toEqual([]);
  const waiting = new AbortController();
  const inBrowser = signIn(rig, waiting.signal);
  await rig.shown(({ opened }) => opened);
  waiting.abort(reason);
  await expect(inBrowser).rejects.toBe(reason);

  const asking = new AbortController();
  const held = rig.server.hold('/token');
  const atServer = signIn(rig, asking.signal);
  const page = await rig.shown(({ address }) => address !== rig.pages[0]?.address);
  await rig.server.visit(page.address);
  await held.reached;
  asking.abort(reason);
  await expect(atServer).rejects.toBe(reason);
  held.open();
  expectNothing(rig);
});

async function statusOf(address: string | URL, init?: RequestInit): Promise<number> {
  const response = await fetch(address, init);
  await response.body?.cancel();
  return response.status;
}

/** Of a path as it stands, which `fetch` would refuse. */
async function statusOfPath(path: string, origin: string): Promise<number | undefined> {
  const asked = request(new URL('/', origin), { path });
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

test('only the path, from this machine, by GET, and one answer is taken; the page runs nothing (LM-08)', async () => {
  const second = Promise.withResolvers<number>();
  const visit = async (address: string, server: OAuthServer) => {
    const redirect = new URL(address).searchParams.get('redirect_uri') ?? '';
    expect(await statusOf(new URL('/other', redirect))).toBe(404);
    expect(await statusOf(`${redirect}?state=x`, { method: 'POST' })).toBe(404);
    expect(await statusOfPath('//', redirect)).toBe(404);
    const back = (await fetch(address, { redirect: 'manual' })).headers.get('location') ?? '';
    const held = server.hold('/token');
    const page = await fetch(back);
    expect(page.headers.get('content-security-policy')).toBe("default-src 'none'");
    expect(await page.text()).toContain('You are done here.');
    await held.reached;
    second.resolve(await statusOf(back));
    held.open();
  };
  let visiting: Promise<void> = Promise.resolve();
  await using rig = await rigWith(
    {},
    {
      browser: (address, server) => {
        visiting = visit(address, server);
        return visiting;
      },
    },
  );
  await signIn(rig);
  await visiting;
  expect(await second.promise).toBe(410);
  expect(rig.server.requests('/token')).toHaveLength(1);
});

test('a page elsewhere whose name leads to this machine is not answered (LM-08)', async () => {
  await using rig = await rigWith({}, { browser: () => Promise.resolve() });
  const giveUp = new AbortController();
  const signingIn = signIn(rig, giveUp.signal);
  const { address } = await rig.shown();
  const redirect = new URL(new URL(address).searchParams.get('redirect_uri') ?? '');
  const status = await new Promise((resolve, reject) => {
    const options = { port: redirect.port, path: redirect.pathname, headers: { host: 'evil.test' } };
    request({ host: '127.0.0.1', ...options }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });
  expect(status).toBe(421);
  giveUp.abort(new Error('enough'));
  await expect(signingIn).rejects.toThrow('enough');
});

test('a flow whose port is taken says which, and what to do (LM-08)', async () => {
  const squatter = createServer();
  const port = await new Promise<number>((resolve) => {
    squatter.listen(0, '127.0.0.1', () => {
      const address = squatter.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  try {
    await using rig = await rigWith({ redirect: { host: 'localhost', port, path: '/callback' } });
    const error = await signIn(rig).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'credential.port-busy',
      message: expect.stringContaining(String(port)),
    });
    expectNothing(rig, error);
  } finally {
    squatter.close();
  }
});

test('a browser on another machine is told apart, and one behind a tunnel comes back through it (LM-08)', async () => {
  await using far = await rigWith({}, { asExternal: () => Promise.resolve('https://far.example/proxy/1') });
  await expect(signIn(far)).rejects.toMatchObject({ code: 'credential.browser-elsewhere' });
  expect(far.pages).toEqual([]);
  const tunnel = (address: string) => Promise.resolve(address.replace(/:\d+/, ':4567'));
  await using near = await rigWith({}, { asExternal: tunnel, browser: () => Promise.resolve() });
  const giveUp = new AbortController();
  const signingIn = signIn(near, giveUp.signal);
  const { address } = await near.shown();
  expect(new URL(address).searchParams.get('redirect_uri')).toBe('http://127.0.0.1:4567/callback');
  giveUp.abort(new Error('enough'));
  await expect(signingIn).rejects.toThrow('enough');
});

test('a client is registered anew for each sign-in, for its very redirect, and without a secret (LM-08)', async () => {
  await using rig = await openRig({
    flows: (url) => [
      browserFlow(url, { client: { type: 'registered', endpoint: `${url}/register`, name: 'Millrace' } }),
    ],
  });
  await signIn(rig);
  const [register] = rig.server.requests('/register');
  const [authorize] = rig.server.requests('/authorize');
  expect(register?.fields).toMatchObject({
    client_name: 'Millrace',
    token_endpoint_auth_method: 'none',
    redirect_uris: JSON.stringify([authorize?.fields['redirect_uri']]),
  });
  expect(authorize?.fields['client_id']).toMatch(/^secret-client-/);
});

const askedClient = {
  client: { type: 'asked', how: 'Make one.', link: 'https://acme.test/apps', secret: 'optional' },
} as const;

test('a client of the user is asked for, proves itself by its secret, and is not asked for again (LM-08)', async () => {
  await using rig = await rigWith(askedClient, { answers: ['my-client', 'my-client-secret'] });
  rig.server.plan.clientSecret = 'my-client-secret';
  await signIn(rig);
  expect(rig.asked).toMatchObject([
    { secret: false, link: 'https://acme.test/apps' },
    { secret: true, optional: true },
  ]);
  expect(rig.server.requests('/authorize')[0]?.fields['client_id']).toBe('my-client');
  expect(rig.server.requests('/token')[0]?.fields).not.toHaveProperty('client_secret');
  await signIn(rig);
  expect(rig.asked).toHaveLength(2);
});

test('a client of the configuration is not asked for, and a question that is not answered changes nothing (LM-08)', async () => {
  await using rig = await rigWith(askedClient, { answers: [undefined] });
  await expect(signIn(rig)).rejects.toMatchObject({ code: 'credential.cancelled' });
  expectNothing(rig);
  const { credentials, interaction } = rig;
  await credentials.signIn('acme', 'browser', { signal, interaction, client: { id: 'configured' } });
  expect(rig.server.requests('/authorize')[0]?.fields['client_id']).toBe('configured');
});

test('an address that is neither https nor on this machine is never called (LM-08)', async () => {
  await using rig = await rigWith({ tokenEndpoint: 'http://acme.test/token' });
  const error = await signIn(rig).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'credential.address' });
  expectNothing(rig, error);
});
