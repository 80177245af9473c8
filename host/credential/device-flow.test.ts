import { expect, test } from 'vitest';
import type { Misbehaviour } from '../../test-fixtures/oauth-server/server.ts';
import { deviceFlow } from './testing/test-flows.ts';
import { openRig, type SignInRig } from './testing/test-rig.ts';

const { signal } = new AbortController();

function openDevice(): Promise<SignInRig> {
  return openRig({ flows: (url) => [deviceFlow(url)], browser: () => Promise.resolve() });
}

function signIn({ credentials, interaction }: SignInRig, aborted = signal) {
  return credentials.signIn('acme', 'device', { signal: aborted, interaction });
}

/** Lets the interval pass, and waits for the request that follows. */
async function nextPoll({ clock, server }: SignInRig, ms: number): Promise<void> {
  await clock.waited(ms);
  const held = server.hold('/token');
  clock.advance(ms);
  await held.reached;
  held.open();
}

test('a code is shown with its page, and the tokens come once the user has entered it (LM-08)', async () => {
  await using rig = await openDevice();
  const signingIn = signIn(rig);
  const page = await rig.shown(({ opened }) => opened);
  expect(page).toEqual({ address: `${rig.server.url}/enter`, code: 'CODE-1', opened: true });
  await nextPoll(rig, 5000);
  rig.server.approve('CODE-1');
  await nextPoll(rig, 5000);
  expect(await signingIn).toMatchObject({ type: 'signed-in', method: 'device', account: 'ada@example.org' });
  expect(rig.server.requests('/device')[0]?.fields).toEqual({
    client_id: 'test-client',
    scope: 'models offline_access',
  });
  expect(rig.server.requests('/token')).toHaveLength(2);
  expect(JSON.stringify([rig.lines, rig.pages])).not.toContain('secret-');
  expect(rig.clock.timers).toBe(0);
});

test('the server sets the pace: its interval, five seconds more when it says so, or what it names (LM-08)', async () => {
  await using rig = await openDevice();
  rig.server.plan.device = { interval: '2' };
  rig.server.next('/token', { status: 400, body: { error: 'slow_down' } });
  rig.server.next('/token', { status: 200, body: { error: 'slow_down', interval: 20 } });
  const signingIn = signIn(rig);
  await nextPoll(rig, 2000);
  await nextPoll(rig, 7000);
  rig.server.approve('CODE-1');
  await nextPoll(rig, 20_000);
  await expect(signingIn).resolves.toMatchObject({ type: 'signed-in' });
});

test('a connection that fails meanwhile slows the asking down and does not end it (LM-08)', async () => {
  await using rig = await openDevice();
  rig.server.next('/token', 'drop');
  rig.server.next('/token', { status: 502, body: 'gateway' });
  const signingIn = signIn(rig);
  await nextPoll(rig, 5000);
  await nextPoll(rig, 10_000);
  rig.server.approve('CODE-1');
  await nextPoll(rig, 20_000);
  await expect(signingIn).resolves.toMatchObject({ type: 'signed-in' });
});

const ends: readonly (readonly [what: string, next: Misbehaviour, code: string])[] = [
  ['denied', { status: 400, body: { error: 'access_denied' } }, 'credential.denied'],
  ['declined', { status: 400, body: { error: 'authorization_declined' } }, 'credential.denied'],
  ['too late', { status: 400, body: { error: 'expired_token' } }, 'credential.code-expired'],
  ['refused', { status: 400, body: { error: 'incorrect_device_code' } }, 'credential.refused'],
  ['answered with nonsense', { status: 200, body: [] }, 'credential.malformed'],
];

test.for(ends)('a code that is %s signs nobody in (LM-08)', async ([, next, code]) => {
  await using rig = await openDevice();
  rig.server.next('/token', next);
  const signingIn = signIn(rig).catch((thrown: unknown) => thrown);
  await nextPoll(rig, 5000);
  expect(await signingIn).toMatchObject({ code });
  expect(rig.credentials.state('acme')).toEqual({ type: 'none' });
  expect(rig.clock.timers).toBe(0);
});

test('a code is not asked about beyond its life, whatever the server says (LM-08)', async () => {
  await using rig = await openDevice();
  rig.server.plan.device = { expires_in: 12 };
  const signingIn = signIn(rig).catch((thrown: unknown) => thrown);
  await nextPoll(rig, 5000);
  await nextPoll(rig, 5000);
  await rig.clock.waited(2000);
  rig.clock.advance(2000);
  expect(await signingIn).toMatchObject({ code: 'credential.code-expired' });
  expect(rig.server.requests('/token')).toHaveLength(2);
});

test('a pace that is slower than the code’s life ends with the code (LM-08)', async () => {
  await using rig = await openDevice();
  rig.server.plan.device = { expires_in: 900, interval: 3_000_000_000 };
  const signingIn = signIn(rig).catch((thrown: unknown) => thrown);
  await rig.clock.waited(900_000);
  rig.clock.advance(900_000);
  expect(await signingIn).toMatchObject({ code: 'credential.code-expired' });
  expect(rig.server.requests('/token')).toHaveLength(0);
});

test('a page to enter the code on that is no web page is neither shown nor opened (LM-08)', async () => {
  for (const page of ['javascript:alert(1)', 'file:///etc/passwd', 'http://evil.test/enter']) {
    await using rig = await openDevice();
    rig.server.plan.device = { verification_uri: page };
    await expect(signIn(rig)).rejects.toMatchObject({ code: 'credential.malformed' });
    expect(rig.pages).toEqual([]);
  }
});

test('an abort while the user is entering the code ends the asking with its reason (LM-08)', async () => {
  await using rig = await openDevice();
  const giveUp = new AbortController();
  const reason = new Error('enough');
  const signingIn = signIn(rig, giveUp.signal);
  await rig.clock.waited(5000);
  giveUp.abort(reason);
  await expect(signingIn).rejects.toBe(reason);
  expect(rig.clock.timers).toBe(0);
  expect(rig.server.requests('/token')).toEqual([]);
});

test('a client that may not use codes is told where to allow it (LM-08)', async () => {
  await using rig = await openDevice();
  rig.server.next('/device', {
    status: 400,
    body: { error: 'unauthorized_client', error_description: 'No.' },
  });
  await expect(signIn(rig)).rejects.toMatchObject({
    code: 'credential.refused',
    message: expect.stringContaining('settings of your client'),
  });
});
