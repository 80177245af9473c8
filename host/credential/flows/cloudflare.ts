import type { Flow } from '../flow.ts';

const link = 'https://dash.cloudflare.com/profile/api-tokens';
const tokens = 'https://developers.cloudflare.com/fundamentals/api/get-started/create-token/';

export const cloudflareFlows: readonly Flow[] = [
  {
    type: 'key',
    providerID: 'cloudflare-workers-ai',
    method: 'key',
    name: 'API token',
    link,
    variables: ['CLOUDFLARE_API_KEY'],
    sources: [tokens],
  },
  {
    type: 'key',
    providerID: 'cloudflare-ai-gateway',
    method: 'key',
    name: 'API token',
    link,
    variables: ['CLOUDFLARE_API_TOKEN'],
    sources: [tokens],
  },
  {
    type: 'browser',
    providerID: 'cloudflare-workers-ai',
    method: 'browser',
    name: 'Cloudflare account',
    sources: [
      'https://developers.cloudflare.com/fundamentals/oauth/integrate-with-cloudflare/',
      'https://developers.cloudflare.com/fundamentals/oauth/create-an-oauth-client/',
      'https://developers.cloudflare.com/api/resources/iam/subresources/oauth_clients/methods/create',
      'https://better-auth.com/docs/authentication/cloudflare',
    ],
    verified: false,
    remark: 'The client has to name http://localhost:47823/callback as its redirect URL.',
    questions: [
      {
        name: 'scopes',
        text: 'The scopes of your client, as its page at Cloudflare names them, with spaces between',
        pattern: /^[\w.:-]+( [\w.:-]+)*$/,
        example: 'workers-platform.read',
      },
    ],
    client: {
      type: 'asked',
      how: 'Create an OAuth client in your Cloudflare account (Manage Account, OAuth clients).',
      link: 'https://developers.cloudflare.com/fundamentals/oauth/create-an-oauth-client/',
      secret: 'optional',
    },
    scopes: ['{scopes}'],
    authorizeEndpoint: 'https://dash.cloudflare.com/oauth2/auth',
    tokenEndpoint: 'https://dash.cloudflare.com/oauth2/token',
    revoke: { endpoint: 'https://dash.cloudflare.com/oauth2/revoke', body: 'form' },
    redirect: { host: 'localhost', port: 47823, path: '/callback' },
    use: {},
  },
];
