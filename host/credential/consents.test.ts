import { expect, test } from 'vitest';
import { createLog } from '../node/log.ts';
import { openConsents } from './consents.ts';
import { memorySecrets } from './testing/memory-secrets.ts';

const log = createLog({ write: () => undefined, level: 'error', now: () => 0 });
const endpoint = { providerID: 'acme', baseURL: 'https://proxy.test/v1', headers: ['X-Team'] };

test('what was agreed to is that very endpoint, in every window, until it is taken back (LM-08)', async () => {
  const secrets = memorySecrets();
  await using consents = await openConsents({ secrets, log });
  await using other = await openConsents({ secrets, log });
  expect(consents.agreed(endpoint)).toBe(false);
  await consents.agree(endpoint);
  await consents.agree(endpoint);
  expect(consents.agreed({ ...endpoint, baseURL: 'https://PROXY.test/v1/', headers: ['x-team'] })).toBe(true);
  await using later = await openConsents({ secrets, log });
  for (const each of [consents, other, later]) expect(each.all()).toHaveLength(1);
  for (const each of [consents, other, later]) expect(each.agreed(endpoint)).toBe(true);
  await later.revoke(endpoint);
  expect(consents.agreed(endpoint)).toBe(false);
  expect(later.all()).toEqual([]);
});

test.for([
  { providerID: 'other' },
  { baseURL: 'https://proxy.test/v2' },
  { baseURL: 'https://proxy.test/v1/more' },
  { baseURL: 'https://proxy.test:8443/v1' },
  { baseURL: 'http://proxy.test/v1' },
  { baseURL: 'https://proxy.test.evil.test/v1' },
  { baseURL: 'https://proxy.test/v1?to=elsewhere' },
  { baseURL: 'https://user:word@proxy.test/v1' },
  { headers: [] },
  { headers: ['X-Team', 'X-Forward-To'] },
])('an endpoint that differs by %j is not agreed to (LM-08)', async (change) => {
  await using consents = await openConsents({ secrets: memorySecrets(), log });
  await consents.agree(endpoint);
  expect(consents.agreed({ ...endpoint, ...change })).toBe(false);
});

test('nothing is agreed to that is no address, and a list that is damaged holds nothing (LM-08)', async () => {
  const secrets = memorySecrets();
  secrets.values.set('endpoint-consents', '{"version":1,"agreed":[{"providerID":"acme"}]}');
  await using consents = await openConsents({ secrets, log });
  expect(consents.all()).toEqual([]);
  for (const baseURL of ['nonsense', 'file:///etc', 'https://a:b@proxy.test']) {
    await expect(consents.agree({ ...endpoint, baseURL })).rejects.toMatchObject({
      code: 'credential.address',
    });
  }
  await consents.agree(endpoint);
  expect(consents.all()).toHaveLength(1);
});
