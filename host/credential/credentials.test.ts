import { expect, test } from 'vitest';
import type { Credential, Credentials } from './credentials.ts';
import type { Flow } from './flow.ts';
import { memorySecrets } from './testing/memory-secrets.ts';
import { browserFlow } from './testing/test-flows.ts';
import { openRig, type RigOptions, type SignInRig } from './testing/test-rig.ts';

const { signal } = new AbortController();
const keyFlow: Flow = {
  ...{ type: 'key', providerID: 'acme', method: 'key', name: 'API key', sources: [] },
  ...{ link: 'https://acme.test/keys', variables: ['ACME_API_KEY'] },
};

function openWith(options: Partial<RigOptions> = {}): Promise<SignInRig> {
  return openRig({ flows: (url) => [keyFlow, browserFlow(url)], ...options });
}

async function signedInRig(options: Partial<RigOptions> = {}): Promise<SignInRig> {
  const rig = await openWith(options);
  await rig.credentials.signIn('acme', 'browser', { signal, interaction: rig.interaction });
  return rig;
}

function tokenOf(credential: Credential | undefined, aborted = signal): Promise<string> {
  if (credential?.type !== 'auth' || credential.auth.type !== 'token') throw new Error('No token is kept.');
  return credential.auth.token(aborted);
}

/** What a request to the model would go with. */
function token(credentials: Credentials): Promise<string> {
  return tokenOf(credentials.of('acme'));
}

test('a key is pasted, kept under its provider, and there again at the next start, without asking (LM-08)', async () => {
  await using rig = await openWith({ answers: ['  secret-key-of-mine \n'] });
  const changed: string[] = [];
  using _listening = rig.credentials.onChange((id) => changed.push(id));
  await rig.credentials.signIn('acme', 'key', { signal, interaction: rig.interaction });
  expect(rig.asked).toEqual([{ text: 'API key for acme', secret: true, link: 'https://acme.test/keys' }]);
  expect(changed).toEqual(['acme']);
  const again = await rig.openWindow();
  expect(again.of('acme')).toEqual({ type: 'key', key: 'secret-key-of-mine' });
  expect(again.state('acme')).toEqual({ type: 'signed-in', method: 'key' });
  expect(JSON.parse(rig.secrets.values.get('credential.acme') ?? '')).toMatchObject({
    version: 1,
    type: 'key',
  });
});

test('a provider that no flow describes takes a key all the same, and is found at the next start (LM-08)', async () => {
  await using rig = await openWith({ answers: ['secret-key', 'two words'] });
  expect(rig.credentials.methods('home-made')).toMatchObject([{ method: 'key', type: 'key' }]);
  await rig.credentials.signIn('home-made', 'key', { signal, interaction: rig.interaction });
  const again = await rig.openWindow();
  expect(again.providers()).toEqual(['acme', 'home-made']);
  expect(again.of('home-made')).toEqual({ type: 'key', key: 'secret-key' });
  const bad = rig.credentials.signIn('other', 'key', { signal, interaction: rig.interaction });
  await expect(bad).rejects.toMatchObject({ code: 'credential.answer' });
  await expect(bad).rejects.not.toThrow('two words');
  await expect(
    rig.credentials.signIn('acme', 'telepathy', { signal, interaction: rig.interaction }),
  ).rejects.toMatchObject({ code: 'credential.unknown-method' });
});

test('a key in the environment is told, by the name of its variable alone (LM-08)', async () => {
  await using rig = await openWith({ variables: { ACME_API_KEY: 'secret-from-environment' } });
  expect(rig.credentials.state('acme')).toEqual({ type: 'environment', variable: 'ACME_API_KEY' });
  expect(rig.credentials.of('acme')).toBeUndefined();
});

test('a token is renewed only when one is asked for that runs out within a minute (LM-08)', async () => {
  await using rig = await signedInRig();
  const first = await token(rig.credentials);
  rig.clock.advance(3_539_000);
  expect(await token(rig.credentials)).toBe(first);
  expect(rig.server.requests('/token')).toHaveLength(1);
  expect(rig.clock.timers).toBe(0);
  rig.clock.advance(1_000);
  const second = await token(rig.credentials);
  expect(second).not.toBe(first);
  expect(rig.server.requests('/token')).toHaveLength(2);
  expect(rig.credentials.state('acme')).toMatchObject({ expiresAt: rig.clock.now() + 3_600_000 });
});

test('requests that need a token at the same time join one renewal, and one that gives up leaves it to the others (LM-08)', async () => {
  await using rig = await signedInRig();
  rig.clock.advance(3_600_000);
  const held = rig.server.hold('/token');
  const impatient = new AbortController();
  const reason = new Error('enough');
  const givenUp = tokenOf(rig.credentials.of('acme'), impatient.signal);
  const others = [token(rig.credentials), token(rig.credentials)];
  await held.reached;
  impatient.abort(reason);
  await expect(givenUp).rejects.toBe(reason);
  held.open();
  const [one, other] = await Promise.all(others);
  expect(one).toBe(other);
  expect(rig.server.requests('/token')).toHaveLength(2);
});

test('of two windows that renew at once one asks, and the other takes what it got (LM-08)', async () => {
  await using rig = await signedInRig();
  const other = await rig.openWindow();
  rig.clock.advance(3_600_000);
  const held = rig.server.hold('/token');
  const both = [token(rig.credentials), token(other)];
  await held.reached;
  held.open();
  const [one, second] = await Promise.all(both);
  expect(one).toBe(second);
  expect(rig.server.requests('/token')).toHaveLength(2);
  expect(rig.server.reused).toBe(0);
});

/** The same storage, as an editor has it on two machines: each has locks of its own, and hears of no change. */
function farWindow(rig: SignInRig): Promise<Credentials> {
  const { lock, onDidChange } = memorySecrets();
  return rig.openWindow({ ...rig.secrets, lock, onDidChange });
}

test('a window that sees nothing of another reads before it renews, and uses no token a second time (LM-08)', async () => {
  await using rig = await signedInRig();
  const other = await farWindow(rig);
  rig.clock.advance(3_600_000);
  const renewed = await token(rig.credentials);
  expect(await token(other)).toBe(renewed);
  expect(rig.server.requests('/token')).toHaveLength(2);
  expect(rig.server.reused).toBe(0);
});

test('a window that was overtaken while it asked takes what the other has kept, and ends nothing (LM-08)', async () => {
  await using rig = await signedInRig();
  const other = await farWindow(rig);
  rig.clock.advance(3_600_000);
  const held = rig.server.hold('/token');
  const late = token(other);
  await held.reached;
  const early = await token(rig.credentials);
  held.open();
  await expect(late).resolves.toBe(early);
  expect(rig.server.requests('/token')).toHaveLength(3);
  expect(rig.credentials.state('acme')).toMatchObject({ type: 'signed-in' });
});

test('a sign-in that the server ends is signed out, in every window and after a restart, with what to do (LM-08)', async () => {
  await using rig = await signedInRig();
  const other = await rig.openWindow();
  rig.clock.advance(3_600_000);
  rig.server.revokeAll();
  const error = await token(rig.credentials).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'credential.signed-out',
    message: 'acme does not accept your sign-in any more. Sign in again.',
  });
  const signedOut = {
    ...{ type: 'signed-out', method: 'browser', account: 'ada@example.org' },
    problem: { reason: 'refused', text: 'acme does not accept your sign-in any more.' },
  };
  const third = await rig.openWindow();
  for (const window of [rig.credentials, other, third]) expect(window.state('acme')).toEqual(signedOut);
  await expect(token(third)).rejects.toMatchObject({ code: 'credential.signed-out' });
  expect(rig.server.requests('/token')).toHaveLength(2);
  expect(rig.secrets.values.get('credential.acme')).not.toContain('secret-');
  expect(JSON.stringify([rig.lines, error, String(error)])).not.toContain('secret-');
});

test('a sign-in without a refresh token ends when it runs out (LM-08)', async () => {
  await using rig = await openWith();
  rig.server.next('/token', { status: 200, body: { access_token: 'secret-access-once', expires_in: '90' } });
  await rig.credentials.signIn('acme', 'browser', { signal, interaction: rig.interaction });
  expect(await token(rig.credentials)).toBe('secret-access-once');
  rig.clock.advance(31_000);
  await expect(token(rig.credentials)).rejects.toThrow('Your sign-in at acme has run out. Sign in again.');
});

test('a server that is out of reach ends no sign-in, and what is valid for some seconds yet is used (LM-08)', async () => {
  await using rig = await signedInRig();
  const first = await token(rig.credentials);
  rig.clock.advance(3_590_000);
  rig.server.next('/token', 'drop');
  expect(await token(rig.credentials)).toBe(first);
  rig.clock.advance(10_000);
  rig.server.next('/token', { status: 503, body: {} });
  await expect(token(rig.credentials)).rejects.toMatchObject({ code: 'credential.unreachable' });
  expect(rig.credentials.state('acme')).toMatchObject({ type: 'signed-in' });
  await expect(token(rig.credentials)).resolves.toMatch(/^secret-access-/);
});

test('a renewal that is refused for another reason than the token keeps the sign-in (LM-08)', async () => {
  await using rig = await signedInRig();
  rig.clock.advance(3_600_000);
  rig.server.next('/token', { status: 400, body: { error: 'invalid_scope' } });
  await expect(token(rig.credentials)).rejects.toMatchObject({ code: 'credential.refused' });
  expect(rig.credentials.state('acme')).toMatchObject({ type: 'signed-in' });
});

test('a server that keeps its refresh token is asked with the same one again (LM-08)', async () => {
  await using rig = await signedInRig();
  rig.server.plan.rotates = false;
  rig.clock.advance(3_600_000);
  rig.server.next('/token', { status: 200, body: { access_token: 'secret-access-plain', expires_in: 3600 } });
  expect(await token(rig.credentials)).toBe('secret-access-plain');
  rig.clock.advance(3_600_000);
  await token(rig.credentials);
  const [, first, second] = rig.server.requests('/token').map(({ fields }) => fields['refresh_token']);
  expect(second).toBe(first);
});

test('a renewed token that cannot be kept goes on in this window, and the used one is not sent again (LM-08)', async () => {
  await using rig = await signedInRig();
  rig.clock.advance(3_600_000);
  rig.secrets.failWrites(new Error('the key ring is locked'));
  await token(rig.credentials);
  rig.clock.advance(3_600_000);
  await token(rig.credentials);
  expect(rig.server.reused).toBe(0);
  expect(rig.lines.join()).toContain('A renewed sign-in could not be kept');
  expect(rig.lines.join()).not.toContain('secret-');
});

test('signing out takes the sign-in back at the provider, and forgets it in every window (LM-08)', async () => {
  await using rig = await signedInRig();
  const other = await rig.openWindow();
  const kept = JSON.parse(rig.secrets.values.get('credential.acme') ?? '');
  expect(await rig.credentials.signOut('acme', signal)).toEqual({ type: 'revoked' });
  expect(rig.server.requests('/revoke')[0]?.fields).toEqual({
    ...{ token: kept.refresh, token_type_hint: 'refresh_token', client_id: 'test-client' },
  });
  for (const window of [rig.credentials, other]) expect(window.state('acme')).toEqual({ type: 'none' });
  expect(rig.credentials.of('acme')).toBeUndefined();
  expect([...rig.secrets.values.values()].join()).not.toContain('secret-');
  expect(await rig.credentials.signOut('acme', signal)).toEqual({ type: 'not-offered' });
});

test('signing out forgets the sign-in also when the provider is out of reach, and says what is left to do (LM-08)', async () => {
  await using rig = await signedInRig();
  rig.server.next('/revoke', 'drop');
  expect(await rig.credentials.signOut('acme', signal)).toMatchObject({
    type: 'failed',
    text: expect.stringContaining('End the session on its own pages, too.'),
  });
  expect(rig.credentials.state('acme')).toEqual({ type: 'none' });
});

test.for([
  ['{"version":1,"type":"tokens","access":"secret-torn', 'damaged'],
  ['{"version":1,"type":"tokens","access":7}', 'damaged'],
  ['{"version":2,"type":"passkey","secret":"secret-new"}', 'newer'],
] as const)(
  'what is kept as %s is told and left alone until the user signs in (LM-08)',
  async ([text, reason]) => {
    const secrets = memorySecrets();
    secrets.values.set('credential.acme', text);
    await using rig = await openWith({ secrets });
    expect(rig.credentials.state('acme')).toMatchObject({ type: 'signed-out', problem: { reason } });
    await expect(token(rig.credentials)).rejects.toMatchObject({ code: 'credential.signed-out' });
    expect(secrets.values.get('credential.acme')).toBe(text);
    expect(rig.lines.join()).not.toContain('secret-');
    await rig.credentials.signIn('acme', 'browser', { signal, interaction: rig.interaction });
    await expect(token(rig.credentials)).resolves.toMatch(/^secret-access-/);
  },
);

test('a change that is told while the credentials are being opened leaves none of them out (LM-08)', async () => {
  await using rig = await signedInRig();
  const later = Promise.withResolvers<void>();
  const listeners: ((key: string) => void)[] = [];
  let reads = 0;
  const slow = {
    ...rig.secrets,
    async get(key: string) {
      if (key !== 'credential.acme') return rig.secrets.get(key);
      reads += 1;
      if (reads > 1) await later.promise;
      else for (const listener of listeners) listener(key);
      return rig.secrets.get(key);
    },
    onDidChange(listener: (key: string) => void) {
      listeners.push(listener);
      return { [Symbol.dispose]: () => undefined };
    },
  };
  const window = await rig.openWindow(slow);
  expect(reads).toBe(2);
  expect(window.state('acme')).toMatchObject({ type: 'signed-in' });
  later.resolve();
});

test('what is read before a change and comes in after it does not undo it (LM-08)', async () => {
  await using rig = await openWith({ answers: ['secret-key-one'] });
  const read = Promise.withResolvers<void>();
  let isSlow = false;
  const slow = {
    ...rig.secrets,
    async get(key: string) {
      const text = await rig.secrets.get(key);
      if (key === 'credential.acme' && isSlow) await read.promise;
      return text;
    },
  };
  const window = await rig.openWindow(slow);
  isSlow = true;
  // A change by somebody else is told, and read: of nothing.
  rig.secrets.values.set('credential.acme', 'void');
  await rig.secrets.delete('credential.acme');
  isSlow = false;
  await window.signIn('acme', 'key', { signal, interaction: rig.interaction });
  read.resolve();
  await new Promise(setImmediate);
  expect(window.of('acme')).toEqual({ type: 'key', key: 'secret-key-one' });
});

test('a storage that cannot be read is told, and other sign-ins go on (LM-08)', async () => {
  const secrets = memorySecrets();
  const locked = {
    ...secrets,
    get: (key: string) =>
      key === 'credential.acme' ? Promise.reject(new Error('key ring locked')) : secrets.get(key),
  };
  await using rig = await openWith({ secrets: locked, answers: ['secret-other-key'] });
  expect(rig.credentials.state('acme')).toMatchObject({ type: 'signed-out', problem: { reason: 'storage' } });
  await rig.credentials.signIn('other', 'key', { signal, interaction: rig.interaction });
  expect(rig.credentials.of('other')).toEqual({ type: 'key', key: 'secret-other-key' });
});

test('every secret that is held, or was until just now, is listed to be kept out of logs and traces (LM-08)', async () => {
  await using rig = await signedInRig();
  const first = JSON.parse(rig.secrets.values.get('credential.acme') ?? '');
  rig.clock.advance(3_600_000);
  const renewed = await token(rig.credentials);
  const now = JSON.parse(rig.secrets.values.get('credential.acme') ?? '');
  expect(rig.credentials.secrets()).toEqual(
    expect.arrayContaining([first.access, first.refresh, now.refresh, renewed]),
  );
  expect(JSON.stringify(rig.credentials.state('acme'))).not.toContain('secret-');
  expect(JSON.stringify(rig.credentials.methods('acme'))).not.toContain('secret-');
});

const copilotLike = (url: string): readonly Flow[] => [
  browserFlow(url, {
    use: {
      exchange: {
        ...{ endpoint: `${url}/short`, scheme: 'token', tokenPath: ['token'], expiryPath: ['expires_at'] },
        baseURL: { path: ['endpoints', 'api'], domain: 'models.test' },
      },
    },
  }),
];

async function exchangeRig(address: string): Promise<SignInRig> {
  const rig = await openRig({ flows: copilotLike });
  rig.server.plan.shortExpiry = rig.clock.now() / 1000 + 1800;
  rig.server.plan.shortAddress = address;
  return rig;
}

test('a second token is bought with the first, for as long as it lives, and its answer names the address (LM-08)', async () => {
  await using rig = await exchangeRig('https://api.eu.models.test');
  await rig.credentials.signIn('acme', 'browser', { signal, interaction: rig.interaction });
  expect(rig.credentials.of('acme')).toMatchObject({ baseURL: 'https://api.eu.models.test' });
  const first = await token(rig.credentials);
  expect(first).toMatch(/^secret-short-/);
  expect(await token(rig.credentials)).toBe(first);
  expect(rig.server.requests('/short')).toHaveLength(1);
  expect(rig.secrets.values.get('credential.acme')).not.toContain(first);
  expect(rig.credentials.secrets()).toContain(first);
  rig.clock.advance(1_800_000);
  rig.server.plan.shortExpiry += 1800;
  rig.server.plan.shortAddress = 'https://api.us.models.test';
  expect(await token(rig.credentials)).not.toBe(first);
  expect(rig.credentials.of('acme')).toMatchObject({ baseURL: 'https://api.us.models.test' });
});

test('requests that need a second token at the same time buy one (LM-08)', async () => {
  await using rig = await exchangeRig('');
  await rig.credentials.signIn('acme', 'browser', { signal, interaction: rig.interaction });
  rig.clock.advance(1_800_000);
  rig.server.plan.shortExpiry += 1800;
  const held = rig.server.hold('/short');
  const both = [token(rig.credentials), token(rig.credentials)];
  await held.reached;
  held.open();
  const [one, other] = await Promise.all(both);
  expect(one).toBe(other);
  expect(rig.server.requests('/short')).toHaveLength(2);
});

test.for(['https://models.test.evil.test', 'http://api.models.test', 'https://evilmodels.test', 'nonsense'])(
  'an address of a second token that is not the service’s (%s) is not used (LM-08)',
  async (address) => {
    await using rig = await exchangeRig(address);
    await rig.credentials.signIn('acme', 'browser', { signal, interaction: rig.interaction });
    expect(rig.credentials.of('acme')).not.toHaveProperty('baseURL');
  },
);

test('an account without a subscription is told so at the sign-in, and nothing is kept (LM-08)', async () => {
  await using rig = await exchangeRig('');
  rig.server.next('/short', { status: 403, body: { message: 'No access to models.' } });
  await expect(
    rig.credentials.signIn('acme', 'browser', { signal, interaction: rig.interaction }),
  ).rejects.toMatchObject({
    code: 'credential.not-entitled',
    message: expect.stringContaining('(status 403: No access to models.)'),
  });
  expect(rig.credentials.state('acme')).toEqual({ type: 'none' });
});

test('a first token that buys no second one any more ends the sign-in (LM-08)', async () => {
  await using rig = await exchangeRig('');
  await rig.credentials.signIn('acme', 'browser', { signal, interaction: rig.interaction });
  rig.server.revokeAll();
  rig.clock.advance(1_800_000);
  await expect(token(rig.credentials)).rejects.toMatchObject({ code: 'credential.signed-out' });
  expect(rig.credentials.state('acme')).toMatchObject({ type: 'signed-out', problem: { reason: 'refused' } });
});

test('closing ends a renewal that is under way (LM-08)', async () => {
  await using rig = await signedInRig();
  const window = await rig.openWindow();
  rig.clock.advance(3_600_000);
  const held = rig.server.hold('/token');
  const waiting = token(window);
  await held.reached;
  await window[Symbol.asyncDispose]();
  await expect(waiting).rejects.toMatchObject({ code: 'credential.closed' });
  held.open();
});
