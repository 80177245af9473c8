// A real host on folders of its own, driven by lines on standard input until it is killed: see `host-lines.ts`.
//
//     node host-child.ts '{ "home": …, "workspace": …, "storage": … }'
import { syncBuiltinESMExports } from 'node:module';
import { createInterface } from 'node:readline';
import threads, { BroadcastChannel, type WorkerOptions } from 'node:worker_threads';
import { type Host, openHost } from '#host/host.ts';
import { nodePorts } from '#host/node/node-ports.ts';
import type { SessionID } from '#shared/ids.ts';
import type { HostCommand, HostLine, HostOptionsLine } from './host-lines.ts';

const { home, workspace, storage }: HostOptionsLine = JSON.parse(process.argv[2] ?? '{}');

/** The store's thread is started through the file that lets it die. */
class BreakingWorker extends threads.Worker {
  constructor(url: string | URL, options?: WorkerOptions) {
    const isStore = String(url).endsWith('/store-worker.ts');
    super(isStore ? new URL('host-worker.ts', import.meta.url) : url, options);
  }
}
Object.assign(threads, { Worker: BreakingWorker });
syncBuiltinESMExports();

const toWorker = new BroadcastChannel('millrace-break');
const fromWorker = new BroadcastChannel('millrace-armed');
fromWorker.onmessage = () => say({ type: 'armed' });

const ports = nodePorts({
  surface: 'faults',
  isTrusted: () => true,
  log: { write: () => undefined, level: 'error' },
});
const host = await openHost({
  ports: {
    ...ports,
    environment: {
      ...ports.environment,
      homeDirectory: home,
      variable: (name) => (name === 'XDG_CONFIG_HOME' ? `${home}/.config` : undefined),
    },
  },
  storage,
  ownership: 'refuse',
  version: 'faults',
  signal: new AbortController().signal,
});
host.subscribe((event) => {
  if (event.type === 'permission.asked') say({ type: 'asked', id: event.properties.request.id });
  if (event.type === 'session.idle') say({ type: 'idle' });
});
say({ type: 'opened' });
for await (const line of createInterface({ input: process.stdin })) obey(JSON.parse(line) as HostCommand);

/** Commands are begun in order; their ends are said. */
function obey(command: HostCommand): void {
  follow(command).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'defect';
    say({ type: 'failed', code, message: String(error) });
  });
}

async function follow(command: HostCommand): Promise<void> {
  switch (command.type) {
    case 'arm':
      toWorker.postMessage(command.at);
      break;
    case 'prompt': {
      const { sessionID, messageID, text } = command;
      const model = { providerID: 'scripted', modelID: 'scripted' };
      const prompt = { sessionID, messageID, text, directory: workspace, agent: 'build', model };
      await host.sessions.prompt({ ...prompt, delivery: 'steer' });
      say({ type: 'admitted', messageID });
      break;
    }
    case 'reply':
      await host.sessions.reply(command.id, { type: 'once' });
      break;
    case 'go-on':
      host.sessions.goOn(command.sessionID);
      break;
    case 'compact':
      await host.sessions.compact(command.sessionID);
      break;
    case 'look':
      await look(host, command.sessionID);
      break;
  }
}

async function look({ sessions, notices }: Host, id: SessionID): Promise<void> {
  const codes = notices().map(({ code }) => code);
  if ((await sessions.get(id)) === undefined) {
    say({ type: 'view', isBusy: false, inbox: [], asked: [], messages: [], notices: codes });
    return;
  }
  using watch = await sessions.watch(id, { limit: 1000, listener: () => undefined });
  const { status, inbox, permissions, messages } = watch.view;
  say({
    type: 'view',
    isBusy: status.type === 'busy',
    inbox: inbox.map((prompt) => prompt.id),
    asked: permissions.map((request) => request.id),
    messages,
    notices: codes,
  });
}

function say(line: HostLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
