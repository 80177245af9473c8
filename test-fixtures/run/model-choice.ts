import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'jsonc-parser';
import { listModels } from '#host/list-models.ts';
import { nodePorts } from '#host/node/node-ports.ts';
import type { Environment } from '#host/ports/environment.ts';

/** Whether the user has a model of their own to talk to, and what told us so. */
export type ModelChoice = { readonly type: 'real'; readonly source: string } | { readonly type: 'scripted' };

/**
 * Looks where Millrace itself looks: the user's `opencode.json`, the workspace's, the keys of the environment. Only
 * whether a provider is configured is decided here; whether it works is for the chat to say.
 */
export async function chooseModel(workspace: string, env: NodeJS.ProcessEnv): Promise<ModelChoice> {
  const user = join(env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config'), 'opencode');
  const files = [
    ...['config.json', 'opencode.json', 'opencode.jsonc'].map((name) => join(user, name)),
    ...(env['OPENCODE_CONFIG'] ? [env['OPENCODE_CONFIG']] : []),
    ...[workspace, join(workspace, '.opencode')].flatMap((folder) =>
      ['opencode.json', 'opencode.jsonc'].map((name) => join(folder, name)),
    ),
  ];
  for (const file of files) {
    if (await namesProvider(file)) return { type: 'real', source: file };
  }
  const provider = await providerWithKey(workspace, env);
  return provider === undefined
    ? { type: 'scripted' }
    : { type: 'real', source: `what the environment has for ${provider}` };
}

async function providerWithKey(directory: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const log = { write: () => undefined, level: 'error' } as const;
  const node = nodePorts({ surface: 'npm start', isTrusted: () => true, log });
  const environment: Environment = {
    ...node.environment,
    homeDirectory: env['HOME'] || node.environment.homeDirectory,
    variable: (name) => env[name],
  };
  const ports = { ...node, environment };
  const { signal } = new AbortController();
  const onDamaged = () => undefined;
  const [first] = await listModels({ ports, directory, onDamaged, looksLocally: false, signal });
  return first?.provider;
}

async function namesProvider(file: string): Promise<boolean> {
  const config: unknown = parse(await textOf(file));
  if (typeof config !== 'object' || config === null || !('provider' in config)) return false;
  const { provider } = config;
  return typeof provider === 'object' && provider !== null && Object.keys(provider).length > 0;
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}
