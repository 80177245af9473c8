import { spawnSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { copyWorkspace, createProfile, writeUserConfig } from '../editor/profile.ts';
import { scriptedConfig } from '../editor/scripted-config.ts';
import { startModelServer } from '../model-server/server.ts';
import { findDesktop, openDesktop } from './desktop-editor.ts';
import { chooseModel } from './model-choice.ts';
import type { OpenedEditor } from './opened-editor.ts';
import { openWeb } from './web-editor.ts';

const project = resolve(import.meta.dirname, '../..');
const samples = join(project, 'test-fixtures/workspaces/sample');

/**
 * `npm start [-- flags] [folder]`: a VS Code with Millrace, on a copy of the sample workspace or on the given folder,
 * until Ctrl+C. The desktop's `code` where it is on PATH, otherwise code-server in the browser. With no provider
 * configured a scripted model answers.
 *
 * - `--web`: code-server even where `code` is there.
 * - `--built`: takes dist/ as it is.
 * - `--check`: starts, waits until all is up, says so, and stops.
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      web: { type: 'boolean', default: false },
      built: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const over = untilStopped();
  await using opened = new AsyncDisposableStack();
  const profile = await createProfile();
  opened.defer(() => rm(profile.root, { recursive: true, force: true, maxRetries: 5 }));
  const own = positionals[0];
  const workspace = own === undefined ? await copyWorkspace(profile, samples) : resolve(own);
  const model = await chooseModel(workspace, process.env);
  const env = withoutNpm(process.env);
  if (model.type === 'scripted') {
    const server = opened.use(
      await startModelServer({ scripts: join(project, 'test-fixtures/model-server/scripts') }),
    );
    await writeUserConfig(profile, scriptedConfig(server.url));
    env['XDG_CONFIG_HOME'] = join(profile.home, '.config');
  }
  const desktop = values.web ? undefined : findDesktop(process.env);
  if (!values.built) buildFor(desktop === undefined ? 'package' : 'build');
  const options = { project, profile, workspace, env, trust: own === undefined, signal: over.signal };
  const editor: OpenedEditor = opened.use(
    desktop === undefined
      ? await openWeb({ ...options, show: !values.check })
      : await openDesktop(desktop, options),
  );
  const kind = own === undefined ? ', a copy of the sample' : '';
  console.log(
    [
      '',
      `Millrace runs on ${basename(workspace)}${kind}: ${workspace}`,
      `  Editor  ${editor.description}`,
      model.type === 'real'
        ? `  Model   your own, from ${model.source}`
        : '  Model   SCRIPTED, not a real one: it knows a few answers by heart. For a real one set the key of a provider, such as ANTHROPIC_API_KEY, or add one to opencode.json.',
      ...(own === undefined
        ? ['  Try     open Millrace in the activity bar and type: rename greet to welcome']
        : []),
      ...(values.check ? ['Checked: everything is up. Stopping.'] : ['Ctrl+C stops everything.']),
    ].join('\n'),
  );
  if (values.check) return;
  // With a model of the user's own nothing else keeps this process from ending, and the editor with it.
  const alive = setInterval(() => undefined, 2 ** 30);
  await Promise.race([over.stopped, editor.closed]);
  clearInterval(alive);
}

/** Ctrl+C and its kin end the program in order: everything it opened is disposed. */
function untilStopped(): { readonly signal: AbortSignal; readonly stopped: Promise<void> } {
  const abort = new AbortController();
  const stopped = Promise.withResolvers<void>();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => {
      stopped.resolve();
      abort.abort(new Error('Stopped.'));
    });
  }
  return { signal: abort.signal, stopped: stopped.promise };
}

function buildFor(script: 'package' | 'build'): void {
  const npm = process.env['npm_execpath'];
  if (npm === undefined) throw new Error('Start this through "npm start".');
  console.log('Building Millrace …');
  const result = spawnSync(process.execPath, [npm, 'run', '--silent', script], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`The build failed:\n${result.stdout}${result.stderr}`);
}

/** The user's own environment, without what "npm run" put there. */
function withoutNpm(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^npm_|^INIT_CWD$/.test(name)));
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
