import type { Flow } from '../flow.ts';

export const digitaloceanFlows: readonly Flow[] = [
  {
    type: 'key',
    providerID: 'digitalocean',
    method: 'key',
    name: 'Model access key',
    link: 'https://cloud.digitalocean.com/model-studio/manage-keys',
    variables: ['DIGITALOCEAN_ACCESS_TOKEN'],
    sources: ['https://docs.digitalocean.com/products/inference/how-to/model-access-keys/'],
  },
  {
    type: 'browser',
    providerID: 'digitalocean',
    method: 'browser',
    name: 'DigitalOcean account',
    sources: [
      'https://docs.digitalocean.com/reference/api/oauth',
      'https://docs.digitalocean.com/documentation/oauth',
      'https://docs.digitalocean.com/reference/api/scopes/genai/create',
      'https://docs.digitalocean.com/products/inference/how-to/model-access-keys/',
    ],
    verified: false,
    remark:
      'Needs no client of your own: Millrace registers one for each sign-in, as DigitalOcean’s documents offer.',
    client: {
      type: 'registered',
      endpoint: 'https://cloud.digitalocean.com/v1/oauth/register',
      name: 'Millrace',
    },
    scopes: ['genai:create', 'genai:read', 'regions:read', 'sizes:read', 'actions:read'],
    authorizeEndpoint: 'https://cloud.digitalocean.com/v1/oauth/authorize',
    tokenEndpoint: 'https://cloud.digitalocean.com/v1/oauth/token',
    revoke: { endpoint: 'https://cloud.digitalocean.com/v1/oauth/revoke', body: 'form' },
    redirect: { host: '127.0.0.1', path: '/callback' },
    use: {},
  },
];
