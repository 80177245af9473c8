import type { Flow } from '../flow.ts';

/** A GitHub account with Copilot: GitHub's token buys one of Copilot's, which lives for half an hour. */
export const githubCopilotFlows: readonly Flow[] = [
  {
    type: 'device',
    providerID: 'github-copilot',
    method: 'device',
    name: 'GitHub account',
    sources: [
      'https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#device-flow',
      'https://github.com/microsoft/vscode-copilot-chat/blob/main/src/platform/authentication/node/copilotTokenManager.ts',
      'https://github.com/RooVetGit/Roo-Code/blob/main/packages/types/src/providers/copilot.ts',
      'https://github.com/anomalyco/opencode/blob/dev/packages/opencode/src/plugin/github-copilot/copilot.ts',
    ],
    verified: false,
    remark:
      'GitHub documents the sign-in, but not the exchange for Copilot, and may refuse it to a client of your own. In the editor, Copilot is also there without it, as one of the editor’s models.',
    client: {
      type: 'asked',
      how: 'Make an OAuth app at GitHub and enable its device flow.',
      link: 'https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/creating-an-oauth-app',
      secret: 'none',
    },
    scopes: ['read:user'],
    deviceEndpoint: 'https://github.com/login/device/code',
    tokenEndpoint: 'https://github.com/login/oauth/access_token',
    use: {
      baseURL: 'https://api.githubcopilot.com',
      exchange: {
        endpoint: 'https://api.github.com/copilot_internal/v2/token',
        scheme: 'token',
        headers: { 'X-GitHub-Api-Version': '2025-04-01' },
        tokenPath: ['token'],
        expiryPath: ['expires_at'],
        baseURL: { path: ['endpoints', 'api'], domain: 'githubcopilot.com' },
      },
    },
  },
];
