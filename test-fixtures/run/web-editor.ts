import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureEditor } from '../editor/code-server.ts';
import { installExtensions } from '../editor/extensions.ts';
import { killTree } from '../editor/process-tree.ts';
import { writeSettings } from '../editor/profile.ts';
import { startServer, stopServer } from '../editor/server.ts';
import type { OpenedEditor, StartOptions } from './opened-editor.ts';

/** code-server with the packed extension. `show` opens the system's browser, where there is a display for it. */
export async function openWeb(options: StartOptions & { readonly show: boolean }): Promise<OpenedEditor> {
  const { profile, workspace, signal } = options;
  const install = await ensureEditor({ report: (line) => console.log(line), signal });
  const vsixes = [join(options.project, 'dist/millrace.vsix')];
  await installExtensions(profile.extensions, { vsixes, install, signal });
  await writeSettings(profile, options.trust ? {} : askForTrust);
  const server = await startServer({ ...profile, ...options, install, port: 0 });
  const atExit = () => killTree(server.pid);
  process.once('exit', atExit);
  const url = `${server.url}?folder=${workspace.split('/').map(encodeURIComponent).join('/')}`;
  const shown = options.show && showInBrowser(url);
  return {
    description: `${url}  (VS Code in the browser${shown ? '' : ': open this address'})`,
    closed: new Promise(() => undefined),
    async [Symbol.asyncDispose]() {
      process.off('exit', atExit);
      await stopServer(server);
    },
  };
}

/** A folder of the user's is trusted or not by the user. */
const askForTrust = {
  'security.workspace.trust.startupPrompt': 'once',
  'security.workspace.trust.banner': 'untilDismissed',
};

function showInBrowser(url: string): boolean {
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const display = process.platform === 'darwin' || process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'];
  if (!display) return false;
  const child = spawn(opener, [url], { stdio: 'ignore', detached: true });
  child.once('error', () => console.log(`(${opener} is not there: open the address yourself.)`)).unref();
  return true;
}
