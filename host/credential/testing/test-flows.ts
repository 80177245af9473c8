import type { BrowserFlow, DeviceFlow } from '../flow.ts';

const facts = {
  providerID: 'acme',
  name: 'Acme account',
  sources: [],
  verified: true,
  scopes: ['models', 'offline_access'],
} as const;

/** A flow through the browser of `test-fixtures/oauth-server`. */
export function browserFlow(url: string, more: Partial<BrowserFlow> = {}): BrowserFlow {
  return {
    ...facts,
    type: 'browser',
    method: 'browser',
    client: { type: 'published', id: 'test-client' },
    authorizeEndpoint: `${url}/authorize`,
    tokenEndpoint: `${url}/token`,
    revoke: { endpoint: `${url}/revoke`, body: 'form' },
    redirect: { host: '127.0.0.1', path: '/callback' },
    issuer: url,
    use: { account: ['email'], headers: { 'x-account': { type: 'claim', path: ['account', 'id'] } } },
    ...more,
  };
}

/** A flow with a code of `test-fixtures/oauth-server`. */
export function deviceFlow(url: string, more: Partial<DeviceFlow> = {}): DeviceFlow {
  return {
    ...facts,
    type: 'device',
    method: 'device',
    client: { type: 'published', id: 'test-client' },
    deviceEndpoint: `${url}/device`,
    tokenEndpoint: `${url}/token`,
    use: { account: ['email'] },
    ...more,
  };
}
