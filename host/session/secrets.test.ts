import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Script, Step } from '../../test-fixtures/model-server/script.ts';
import type { ModelServer } from '../../test-fixtures/model-server/server.ts';
import { memorySecrets } from '../credential/testing/memory-secrets.ts';
import { createLog } from '../node/log.ts';
import { openTestHost } from '../testing/test-host.ts';

// Two keys are signed in with. The provider of the first says both in whatever it answers.
const own = 'sk-canary-own"quoted/0001';
const other = 'sk-canary-other-0002';
const said = `it was said: ${own} and ${other} and ${encodeURIComponent(own)} and ${JSON.stringify(own)}`;
const traces = ['sk-canary', 'quoted/0001', 'other-0002'];

/** The scripted model as it is spoken to by each protocol. */
const ways: Readonly<Record<string, (server: ModelServer) => object>> = {
  'chat completions': ({ url }) => ({ options: { baseURL: url } }),
  Responses: ({ url }) => ({ npm: '@ai-sdk/openai', options: { baseURL: url } }),
  Messages: ({ url }) => ({ npm: '@ai-sdk/anthropic', options: { baseURL: url } }),
  Gemini: ({ origin }) => ({ npm: '@ai-sdk/google', options: { baseURL: `${origin}/v1beta` } }),
  Converse: ({ origin }) => ({
    npm: '@ai-sdk/amazon-bedrock',
    options: { baseURL: origin, region: 'us-east-1' },
  }),
};

const refusal = (status: number): Step => ({
  error: { status, message: said, headers: { 'x-request-id': `of ${own}`, 'retry-after': '0' } },
});

const script: Script = {
  model: 'scripted',
  turns: [
    { when: { user: 'refuse' }, reply: [refusal(401)] },
    { when: { user: 'break' }, reply: [{ text: 'Half an ' }, refusal(500)] },
    { when: { user: 'wait' }, times: 1, reply: [refusal(503)] },
    { reply: [{ text: 'Done.' }] },
  ],
};

async function openWith(provider: (server: ModelServer) => object) {
  const secrets = memorySecrets();
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line), level: 'trace', now: () => 0 });
  const rig = await openTestHost({
    script,
    provider,
    retries: { times: 1 },
    ports: (ports) => ({ ...ports, secrets, log }),
  });
  const { signal } = new AbortController();
  const enter = (providerID: string, key: string) => {
    const interaction = { show: () => undefined, ask: async () => key };
    return rig.host.accounts.signIn(providerID, 'key', { signal, interaction });
  };
  await enter('scripted', own);
  await enter('anthropic', other);
  return { rig, lines };
}

/** Every file below a folder, unpacked. */
async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
  return Promise.all(
    paths.map(async (path) => {
      const bytes = await readFile(path);
      return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    }),
  );
}

function findings(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => traces.filter((trace) => text.includes(trace)));
}

test.each(Object.entries(ways))(
  'keys that a provider says back by %s are in no file, log line, trace, event or view (LM-08)',
  async (_name, provider) => {
    const { rig, lines } = await openWith(provider);
    await using _rig = rig;
    const shown: unknown[] = [];
    for (const prompt of ['refuse', 'break', 'wait']) {
      const view = await rig.run(prompt);
      shown.push(view, await rig.host.turnTrace(view.session.id));
    }
    await rig.reopen();
    const files = await filesBelow(dirname(rig.workspace));
    const wire = JSON.stringify([rig.events, shown, rig.host.notices()]);
    // What is looked through holds the answers, with the keys taken out.
    expect(rig.server.requests.map(({ headers }) => JSON.stringify(headers)).join()).toContain('canary-own');
    expect(files.filter((text) => text.includes('it was said: [redacted] and [redacted] and')).length).toBe(
      1,
    );
    expect(files.filter((text) => text.includes('"version":1,"sessionID"')).length).toBe(3);
    expect(wire.split('it was said: [redacted] and [redacted]').length).toBeGreaterThan(3);
    expect(rig.events.some((event) => JSON.stringify(event).includes('"type":"retry"'))).toBe(true);
    expect(lines.length).toBeGreaterThan(0);
    expect(findings([...files, ...lines, wire])).toEqual([]);
  },
);

test('a key that stands in a conversation stays there, and is in no trace of it (LM-08)', async () => {
  const { rig } = await openWith(({ url }) => ({ options: { baseURL: url } }));
  await using _rig = rig;
  const view = await rig.run(`what is ${other}?`);
  expect(JSON.stringify(view)).toContain(other);
  expect(rig.server.requests.at(-1)?.text).toContain(other);
  const trace = await rig.host.turnTrace(view.session.id);
  expect(trace?.markdown).toContain('what is [redacted]?');
  expect(trace?.markdown).not.toContain(other);
});
