import type { Flow } from '../flow.ts';

export const xaiFlows: readonly Flow[] = [
  {
    type: 'key',
    providerID: 'xai',
    method: 'key',
    name: 'API key',
    link: 'https://console.x.ai',
    variables: ['XAI_API_KEY'],
    sources: ['https://docs.x.ai/docs/models'],
  },
  {
    type: 'device',
    providerID: 'xai',
    method: 'device',
    name: 'xAI account',
    sources: ['https://github.com/anomalyco/opencode/blob/dev/packages/opencode/src/plugin/xai.ts'],
    verified: false,
    remark: 'xAI gives out no clients for this. It works only for those who have one that xAI lets sign in.',
    client: {
      type: 'asked',
      how: 'xAI has to allow it to sign in with a code.',
      link: 'https://docs.x.ai',
      secret: 'none',
    },
    scopes: ['openid', 'profile', 'email', 'offline_access', 'api:access'],
    deviceEndpoint: 'https://auth.x.ai/oauth2/device/code',
    tokenEndpoint: 'https://auth.x.ai/oauth2/token',
    use: { account: ['email'] },
  },
];
