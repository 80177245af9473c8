import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { nodePorts } from '../node/node-ports.ts';
import { openCliHost } from './open-host.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'millrace-open-'));
  vi.stubEnv('XDG_CONFIG_HOME', join(home, 'config'));
  vi.stubEnv('XDG_DATA_HOME', join(home, 'data'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true, force: true });
});

test('the configuration to open is the one that the user has, opencode.json before opencode.jsonc', async () => {
  const log = { write: () => undefined, level: 'error' } as const;
  const ports = nodePorts({ surface: 'test', isTrusted: () => true, log });
  const folder = join(home, 'config/opencode');
  await mkdir(folder, { recursive: true });
  await using host = await openCliHost({ ports, directory: home, version: 'test' });
  expect(await host.userConfigPath()).toBe(join(folder, 'opencode.json'));
  await writeFile(join(folder, 'opencode.jsonc'), '{}');
  expect(await host.userConfigPath()).toBe(join(folder, 'opencode.jsonc'));
  await writeFile(join(folder, 'opencode.json'), '{}');
  expect(await host.userConfigPath()).toBe(join(folder, 'opencode.json'));
});
