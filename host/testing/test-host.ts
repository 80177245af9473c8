import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { inject } from 'vitest';
import type { ViewEvent, ViewEventType } from '#shared/events.ts';
import { fold, type SessionView } from '#shared/fold.ts';
import type { SessionID } from '#shared/ids.ts';
import type { PermissionRequest } from '#shared/permission.ts';
import type { AdmittedPrompt } from '#shared/session.ts';
import type { Script } from '../../test-fixtures/model-server/script.ts';
import { type ModelServer, startModelServer } from '../../test-fixtures/model-server/server.ts';
import { type Host, type HostOptions, openHost } from '../host.ts';
import { nodePorts } from '../node/node-ports.ts';
import type { Ports } from '../ports/ports.ts';
import type { PromptInput } from '../session/inbox/admit.ts';
import { storeFiles } from '../store/store-files.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the store's program, bundled from the sources as they are: see `test-fixtures/run/bundle-worker.ts`. */
    readonly storeWorker: string;
  }
}

const scriptsFolder = resolve(import.meta.dirname, '../../test-fixtures/model-server/scripts');
const sample = resolve(import.meta.dirname, '../../test-fixtures/workspaces/sample');

export const scripted = { providerID: 'scripted', modelID: 'scripted' } as const;

/** A real host on temporary folders, a real store, and the scripted model over real HTTP. */
export interface TestHost extends AsyncDisposable {
  readonly host: Host;
  readonly server: ModelServer;
  /** What the host has of the world. */
  readonly ports: Ports;
  /** The Location: a copy of the sample workspace. */
  readonly workspace: string;
  /** The folder of all that is the user's. */
  readonly home: string;
  /** Every view event so far. */
  readonly events: readonly ViewEvent[];
  /** Resolves with the first event, past or to come, that the test accepts. */
  event<T extends ViewEventType>(type: T, accept?: (event: EventOf<T>) => boolean): Promise<EventOf<T>>;
  asked(): Promise<PermissionRequest>;
  prompt(text: string, more?: Partial<PromptInput & { resume: boolean }>): Promise<AdmittedPrompt>;
  /** Prompts, and waits until nothing runs. */
  run(text: string, more?: Partial<PromptInput>): Promise<SessionView>;
  /** The session folded from the store as it stands. */
  view(id: SessionID): Promise<SessionView>;
  text(path: string): Promise<string>;
  /** Closes the host and opens it again on the same folders. */
  reopen(): Promise<void>;
}

type EventOf<T extends ViewEventType> = Extract<ViewEvent, { type: T }>;

export interface TestHostOptions {
  /** The project's configuration; the provider is added to the user's. */
  readonly config?: object;
  readonly userConfig?: object;
  readonly trusted?: boolean;
  /** Have titles written: one request more for each session. */
  readonly titles?: boolean;
  /** Tokens of the scripted model's window. */
  readonly limit?: { readonly context?: number; readonly output?: number };
  readonly variables?: Readonly<Record<string, string>>;
  readonly ports?: (ports: Ports) => Ports;
  /** Fills the storage folder before the host opens it. */
  readonly prepare?: (storage: string) => Promise<void>;
  /** Laid over what the user's file says of the scripted provider: another protocol, facts of the model. */
  readonly provider?: (server: ModelServer) => object;
  /** Else a refusal is the answer at once. */
  readonly retries?: HostOptions['retries'];
  /** How this machine is looked at for model servers; else it is not. */
  readonly localServers?: NonNullable<HostOptions['localServers']>;
  /** Instead of the scripts of test-fixtures. */
  readonly script?: Script;
}

export async function openTestHost(options: TestHostOptions = {}): Promise<TestHost> {
  const home = await mkdtemp(join(tmpdir(), 'millrace-host-'));
  const workspace = join(home, 'workspace');
  const server = await startModelServer({ scripts: options.script ?? scriptsFolder, pace: 0 });
  await cp(sample, workspace, { recursive: true });
  await writeFile(join(workspace, 'opencode.json'), JSON.stringify(options.config ?? {}));
  await writeUserConfig(home, server, options);

  await options.prepare?.(join(home, 'storage'));

  const events: ViewEvent[] = [];
  const waiting = new Set<(event: ViewEvent) => void>();
  const ports = portsAt(home, options);
  const open = async () => {
    const opened = await openHost(hostOptions(home, ports, options));
    opened.subscribe((event) => {
      events.push(event);
      for (const check of [...waiting]) check(event);
    });
    return opened;
  };
  let host = await open();

  const event: TestHost['event'] = (type, accept = () => true) => {
    const { promise, resolve: found } = Promise.withResolvers<EventOf<typeof type>>();
    const check = (each: ViewEvent) => {
      if (each.type !== type || !accept(each as EventOf<typeof type>)) return;
      waiting.delete(check);
      found(each as EventOf<typeof type>);
    };
    waiting.add(check);
    for (const each of events) check(each);
    return promise;
  };
  const prompt: TestHost['prompt'] = (text, more = {}) =>
    host.sessions.prompt({
      directory: workspace,
      text,
      delivery: 'steer',
      agent: 'build',
      model: scripted,
      ...more,
    });
  const view = async (id: SessionID) => {
    using watch = await host.sessions.watch(id, { limit: 1000, listener: () => undefined });
    return watch.view;
  };

  return {
    get host() {
      return host;
    },
    server,
    ports,
    workspace,
    home,
    events,
    event,
    prompt,
    view,
    asked: async () => (await event('permission.asked')).properties.request,
    async run(text, more) {
      const { sessionID } = await prompt(text, more);
      await host.sessions.awaitIdle(sessionID);
      return view(sessionID);
    },
    text: (path) => readFile(join(workspace, path), 'utf8'),
    async reopen() {
      await host[Symbol.asyncDispose]();
      host = await open();
    },
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      // A turn's trace is kept in the background, and may be on its way still.
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function hostOptions(
  home: string,
  ports: Ports,
  { retries = { times: 0 }, localServers }: TestHostOptions,
): HostOptions {
  const files = { ...storeFiles(), workerUrl: new URL(inject('storeWorker')) };
  const { signal } = new AbortController();
  const storage = join(home, 'storage');
  const look = localServers ? { localServers } : {};
  return {
    ports,
    storage,
    storeFiles: files,
    ownership: 'refuse',
    version: 'test',
    signal,
    retries,
    ...look,
  };
}

/** What a surface would show that only ever saw the events. */
export function foldedFrom(view: SessionView, events: readonly ViewEvent[]): SessionView {
  return events.reduce(fold, { ...view, messages: [], inbox: [], permissions: [] });
}

async function writeUserConfig(
  home: string,
  server: ModelServer,
  {
    userConfig = {},
    provider: over = () => ({}),
    titles = false,
    limit = { context: 128_000, output: 8_192 },
  }: TestHostOptions,
): Promise<void> {
  const folder = join(home, '.config', 'opencode');
  await mkdir(folder, { recursive: true });
  const provider = {
    scripted: {
      name: 'Scripted model',
      npm: '@ai-sdk/openai-compatible',
      options: { baseURL: server.url, apiKey: 'key-of-the-user' },
      models: { scripted: { name: 'Scripted', limit } },
      ...over(server),
    },
  };
  const agent = titles ? {} : { title: { disable: true } };
  const config = { model: 'scripted/scripted', provider, agent, ...userConfig };
  await writeFile(join(folder, 'opencode.json'), JSON.stringify(config));
}

function portsAt(
  home: string,
  { trusted = true, variables = {}, ports = (each) => each }: TestHostOptions,
): Ports {
  const node = nodePorts({
    surface: 'test',
    isTrusted: () => trusted,
    log: { write: () => undefined, level: 'error' },
  });
  const all: Record<string, string> = { XDG_CONFIG_HOME: join(home, '.config'), ...variables };
  return ports({
    ...node,
    environment: { ...node.environment, homeDirectory: home, variable: (name) => all[name] },
  });
}
