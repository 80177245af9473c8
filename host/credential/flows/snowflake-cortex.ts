import type { Flow } from '../flow.ts';

export const snowflakeCortexFlows: readonly Flow[] = [
  {
    type: 'key',
    providerID: 'snowflake-cortex',
    method: 'key',
    name: 'Programmatic access token',
    link: 'https://docs.snowflake.com/en/user-guide/programmatic-access-tokens',
    variables: ['SNOWFLAKE_CORTEX_PAT'],
    sources: ['https://docs.snowflake.com/en/user-guide/snowflake-cortex/cortex-rest-api'],
  },
  {
    type: 'browser',
    providerID: 'snowflake-cortex',
    method: 'browser',
    name: 'Snowflake account',
    sources: [
      'https://docs.snowflake.com/user-guide/oauth-local-applications',
      'https://github.com/snowflakedb/snowflake-connector-python/blob/main/src/snowflake/connector/auth/oauth_code.py',
      'https://github.com/anomalyco/opencode/blob/dev/packages/opencode/src/plugin/snowflake-cortex.ts',
      'https://docs.snowflake.com/user-guide/snowflake-cortex/cortex-agent-sdk/authentication',
    ],
    verified: false,
    remark: 'Uses the client that Snowflake builds into each account for local applications.',
    questions: [
      {
        name: 'account',
        text: 'Your Snowflake account identifier',
        // One label or several of a host name, and nothing that could name another host.
        pattern: /^[a-z0-9](?:[a-z0-9_-]|\.(?=[a-z0-9])){0,200}$/i,
        example: 'myorg-myaccount',
        variable: 'SNOWFLAKE_ACCOUNT',
      },
    ],
    client: { type: 'published', id: 'LOCAL_APPLICATION', secret: 'LOCAL_APPLICATION' },
    scopes: ['refresh_token'],
    authorizeEndpoint: 'https://{account}.snowflakecomputing.com/oauth/authorize',
    tokenEndpoint: 'https://{account}.snowflakecomputing.com/oauth/token-request',
    redirect: { host: '127.0.0.1', path: '/' },
    use: {
      baseURL: 'https://{account}.snowflakecomputing.com/api/v2/cortex/v1',
      headers: { 'X-Snowflake-Authorization-Token-Type': { type: 'text', text: 'OAUTH' } },
    },
  },
];
