import { registerHooks } from 'node:module';

// Loads the built extension with a stand-in for the editor's API that answers anything, and prints how long it took.

const standIn = `
function answer() { return any; }
const any = new Proxy(answer, { get: (_, key) => (key === Symbol.toPrimitive ? () => '' : any), construct: () => any });
export const { window, commands, workspace, env, l10n, Uri, Position, Range, WorkspaceEdit, FileSystemError } = any;
export const { Disposable, EventEmitter, RelativePattern, ThemeIcon, ViewColumn, languages } = any;
`;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'vscode'
      ? { url: `data:text/javascript,${encodeURIComponent(standIn)}`, shortCircuit: true }
      : next(specifier, context),
});

const timed = async <T>(work: () => T | Promise<T>): Promise<{ ms: number; value: T }> => {
  const start = performance.now();
  const value = await work();
  return { ms: performance.now() - start, value };
};

const blank: string = 'data:text/javascript,export default 0';
const empty = await timed(() => import(blank));
const entry = new URL('../dist/extension.js', import.meta.url).href;
const shell = await timed(() => import(entry) as Promise<{ activate(context: unknown): void }>);
const context = { subscriptions: [], workspaceState: {}, extensionUri: {}, extension: { packageJSON: {} } };
const activated = await timed(() => shell.value.activate(context));
process.stdout.write(JSON.stringify({ empty: empty.ms, load: shell.ms, activate: activated.ms }));
