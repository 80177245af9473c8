import type { Flow } from '../flow.ts';

/** OpenAI's API, by key. */
const key: Flow = {
  type: 'key',
  providerID: 'openai',
  method: 'key',
  name: 'API key',
  link: 'https://platform.openai.com/api-keys',
  variables: ['OPENAI_API_KEY'],
  sources: ['https://platform.openai.com/docs/api-reference/authentication'],
};

/**
 * A ChatGPT plan, as the Codex command line signs in. That client's ID is Codex' own and is not used here; OpenAI
 * offers no registration of further ones.
 */
const chatgpt: Flow = {
  type: 'browser',
  providerID: 'openai',
  method: 'chatgpt',
  name: 'ChatGPT account',
  sources: [
    'https://github.com/openai/codex/blob/main/codex-rs/login/src/server.rs',
    'https://github.com/openai/codex/blob/main/codex-rs/login/src/auth/revoke.rs',
    'https://github.com/anomalyco/opencode/blob/dev/packages/opencode/src/plugin/openai/codex.ts',
  ],
  verified: false,
  remark:
    'OpenAI gives out no clients for this. It works only for those who have one that OpenAI lets sign in.',
  client: {
    type: 'asked',
    how: 'OpenAI has to allow it to sign in with ChatGPT, with the redirect http://localhost:1455/auth/callback.',
    link: 'https://help.openai.com',
    secret: 'none',
  },
  scopes: ['openid', 'profile', 'email', 'offline_access'],
  authorizeEndpoint: 'https://auth.openai.com/oauth/authorize',
  tokenEndpoint: 'https://auth.openai.com/oauth/token',
  revoke: { endpoint: 'https://auth.openai.com/oauth/revoke', body: 'json' },
  parameters: { id_token_add_organizations: 'true' },
  redirect: { host: 'localhost', port: 1455, path: '/auth/callback' },
  use: {
    baseURL: 'https://chatgpt.com/backend-api/codex',
    account: ['email'],
    headers: {
      'ChatGPT-Account-Id': { type: 'claim', path: ['https://api.openai.com/auth', 'chatgpt_account_id'] },
    },
  },
};

export const openaiFlows: readonly Flow[] = [key, chatgpt];
