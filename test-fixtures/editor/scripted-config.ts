import type { Settings } from './profile.ts';

/**
 * An `opencode.json` whose only provider is a scripted model server.
 * @param url the server's base URL, `http://127.0.0.1:PORT/v1`
 */
export function scriptedConfig(url: string): Settings {
  return {
    model: 'scripted/scripted',
    // Scripts count requests, and the first words of a prompt are what tests know a session by.
    agent: { title: { disable: true } },
    provider: {
      scripted: {
        name: 'Scripted model (not a real one)',
        npm: '@ai-sdk/openai-compatible',
        options: { baseURL: url, apiKey: 'scripted' },
        models: {
          scripted: { name: 'Scripted', tool_call: true, limit: { context: 128_000, output: 8_192 } },
        },
      },
    },
  };
}
