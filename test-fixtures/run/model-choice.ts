import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'jsonc-parser';

/** Whether the user has a model of their own to talk to, and what told us so. */
export type ModelChoice = { readonly type: 'real'; readonly source: string } | { readonly type: 'scripted' };

/**
 * Looks where Millrace itself looks: OPENAI_API_KEY, the user's `opencode.json`, the workspace's. Only whether a
 * provider is configured is decided here; whether it works is for the chat to say.
 */
export async function chooseModel(workspace: string, env: NodeJS.ProcessEnv): Promise<ModelChoice> {
  if (env['OPENAI_API_KEY']) return { type: 'real', source: 'OPENAI_API_KEY' };
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
  return { type: 'scripted' };
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
