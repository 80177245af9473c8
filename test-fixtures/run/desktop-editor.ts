import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onPath } from '../editor/debian.ts';
import { killTree } from '../editor/process-tree.ts';
import { writeSettings } from '../editor/profile.ts';
import type { OpenedEditor, StartOptions } from './opened-editor.ts';

/** The desktop's `code` on PATH, if it can open a window: not inside a remote editor's terminal, nor without a display. */
export function findDesktop(env: NodeJS.ProcessEnv): string | undefined {
  if (env['VSCODE_IPC_HOOK_CLI']) return undefined;
  if (process.platform === 'linux' && !env['DISPLAY'] && !env['WAYLAND_DISPLAY']) return undefined;
  return process.platform === 'win32' ? onPath('code.cmd') : onPath('code');
}

/**
 * Opens a desktop window that runs the extension from the checkout, with user data of its own. Through `--wait` the
 * program lives as long as the window. Windows and macOS are not run by our own tests.
 */
export async function openDesktop(code: string, options: StartOptions): Promise<OpenedEditor> {
  const { profile, workspace } = options;
  await writeSettings(profile, {});
  const child = spawn(code, [...desktopArguments(options)], {
    env: options.env,
    stdio: 'inherit',
    detached: process.platform !== 'win32',
    shell: process.platform === 'win32',
  });
  await once(child, 'spawn');
  const { pid } = child;
  return {
    description: `${code} on ${workspace}, user data in ${profile.data}`,
    closed: once(child, 'close').then(() => undefined),
    async [Symbol.asyncDispose]() {
      if (pid !== undefined) killTree(pid);
    },
  };
}

function desktopArguments({ project, profile, workspace, trust }: StartOptions): readonly string[] {
  return [
    `--extensionDevelopmentPath=${project}`,
    `--user-data-dir=${profile.data}`,
    `--extensions-dir=${profile.extensions}`,
    '--new-window',
    '--wait',
    ...(trust ? ['--disable-workspace-trust'] : []),
    // Chromium has no sandbox for root.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    workspace,
  ];
}
