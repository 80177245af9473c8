import type { Flow } from '../flow.ts';

/** Microsoft Entra ID in place of a resource's key; the resource itself stands in the configuration. */
const entra: Flow = {
  type: 'device',
  providerID: 'azure',
  method: 'entra',
  name: 'Microsoft Entra ID',
  sources: [
    'https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code',
    'https://learn.microsoft.com/azure/ai-services/authentication',
    'https://github.com/anomalyco/opencode/blob/dev/packages/opencode/src/plugin/azure.ts',
  ],
  verified: false,
  remark: 'Your account needs the role “Cognitive Services OpenAI User” on the resource.',
  questions: [
    {
      name: 'tenant',
      text: 'Your Entra tenant: its ID or its domain',
      pattern: /^[a-z0-9][a-z0-9.-]{0,253}$/i,
      example: 'contoso.onmicrosoft.com',
      variable: 'AZURE_TENANT_ID',
    },
  ],
  client: {
    type: 'asked',
    how: 'Register an application in Entra and allow public client flows in its authentication settings.',
    link: 'https://learn.microsoft.com/entra/identity-platform/quickstart-register-app',
    secret: 'none',
  },
  scopes: ['https://cognitiveservices.azure.com/.default', 'offline_access'],
  deviceEndpoint: 'https://login.microsoftonline.com/{tenant}/oauth2/v2.0/devicecode',
  tokenEndpoint: 'https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token',
  use: { account: ['preferred_username'] },
};

const key: Flow = {
  type: 'key',
  providerID: 'azure',
  method: 'key',
  name: 'Key of the resource',
  link: 'https://portal.azure.com',
  variables: ['AZURE_API_KEY'],
  sources: ['https://learn.microsoft.com/azure/ai-services/authentication'],
};

const names = ['azure', 'azure-cognitive-services'];

export const azureFlows: readonly Flow[] = [
  key,
  { ...key, providerID: 'azure-cognitive-services', variables: ['AZURE_COGNITIVE_SERVICES_API_KEY'] },
  ...names.map((providerID): Flow => ({ ...entra, providerID })),
];
