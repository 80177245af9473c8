import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { startOAuthServer } from '../../test-fixtures/oauth-server/server.ts';
import { tempFolder } from '../location/testing/temp-folder.ts';
import { nodeClock } from '../node/clock.ts';
import { createLog } from '../node/log.ts';
import { secretFile } from '../node/secret-file.ts';
import { nodeEnvironment } from '../node/surroundings.ts';
import { openCredentials } from './credentials.ts';
import { browserFlow } from './testing/test-flows.ts';

const program = resolve(import.meta.dirname, '../../test-fixtures/oauth-server/refresher.ts');
const log = createLog({ write: () => undefined, level: 'error', now: nodeClock.now });

/** The next line that a program says. */
async function lineOf({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('A child without pipes.');
  const [bytes] = await once(stdout, 'data');
  return String(bytes).trim();
}

test('of several processes that renew a kept sign-in at once one asks, and all get the same token (LM-08)', async () => {
  await using server = await startOAuthServer();
  const folder = join(tempFolder('refresh'), 'secrets');
  // The programs renew by the description of the flow with a code: the token endpoint is the same.
  const flow = browserFlow(server.url, { method: 'device' });
  const secrets = secretFile({ folder, onNotice: ({ code }) => expect(code).toBe('none') });
  const browser = {
    open: (address: string) => server.visit(address).then(() => true),
    asExternal: (address: string) => Promise.resolve(address),
  };
  await using credentials = await openCredentials({
    ...{
      secrets,
      browser,
      log,
      fetch,
      clock: nodeClock,
      environment: nodeEnvironment('test'),
      flows: [flow],
    },
  });
  // What is kept is good for one second, and so to be renewed at once.
  server.plan.expiresIn = 1;
  const interaction = { show: () => undefined, ask: () => Promise.resolve(undefined) };
  const { signal } = new AbortController();
  await credentials.signIn('acme', 'device', { signal, interaction });
  server.plan.expiresIn = 3600;

  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, [program, folder, server.url], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  const ready = await Promise.all(children.map(lineOf));
  expect(ready).toEqual(['ready', 'ready', 'ready', 'ready']);
  const held = server.hold('/token');
  const answers = children.map(lineOf);
  const ends = children.map((child) => once(child, 'exit'));
  for (const child of children) child.stdin.end('go\n');
  await held.reached;
  held.open();
  const tokens = new Set(await Promise.all(answers));
  await Promise.all(ends);
  expect([...tokens]).toEqual([server.issued.at(-1)]);
  expect(server.requests('/token')).toHaveLength(2);
  expect(server.reused).toBe(0);
});
