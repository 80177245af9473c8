import { join } from 'node:path';
import type { MessageID, RuleID, SessionID } from '#shared/ids.ts';
import type { ModelRef } from '#shared/message.ts';
import type { Notice } from '#shared/notice.ts';
import type { SavedRule } from '#shared/permission.ts';
import type { FromWebview } from '#shared/protocol.ts';
import type { Session } from '#shared/session.ts';
import { type Account, type Accounts, createAccounts } from './accounts.ts';
import type { LocalFinding } from './catalog/local/check-local.ts';
import type { LocalServers } from './catalog/local/local-servers.ts';
import { changesOf } from './catalog-changes.ts';
import { userConfigFolder } from './config/config-paths.ts';
import { openConsents } from './credential/consents.ts';
import { openCredentials } from './credential/credentials.ts';
import type { Interaction, SignInPage } from './credential/interaction.ts';
import { quietLog } from './credential/quiet-log.ts';
import { createRedaction, type Redaction } from './credential/redaction.ts';
import { decodeFromWebview } from './decode-webview.ts';
import { openFoundSources } from './found-sources.ts';
import type { Fetch } from './llm/framing/exchange.ts';
import type { RetryOptions } from './llm/retry.ts';
import type { LocalLook } from './local-servers.ts';
import { createLocations, type LocationChoices, type Locations } from './locations.ts';
import { openModelSources } from './model-sources.ts';
import { createPermissions } from './permission/permissions.ts';
import type { Clock } from './ports/clock.ts';
import type { Ports } from './ports/ports.ts';
import { type Preflight, preflightModel } from './preflight.ts';
import type { Adoptable } from './registry/adoption.ts';
import { createResources, type Resources } from './resources.ts';
import { createEmitter, type ViewListener } from './session/emitter.ts';
import { createLiveParts } from './session/live-parts.ts';
import { createLocalChecks } from './session/local-checks.ts';
import { createNotices, type Notices } from './session/notices.ts';
import { publishFacts } from './session/publish-facts.ts';
import { createPinnedRules } from './session/runner/pinned-rules.ts';
import { openSessions, type Sessions, type SessionsOptions } from './session/sessions.ts';
import { createTitles } from './session/titles/titles.ts';
import { createKeptContents } from './snapshot/kept-contents.ts';
import { openStore } from './store/store.ts';
import { type StoreFiles, storeFiles } from './store/store-files.ts';
import type { projections } from './store-worker.ts';
import { renderTrace } from './trace/render-trace.ts';
import { createTraceFiles } from './trace/trace-files.ts';
import { createTraces } from './trace/traces.ts';
import { openUserStores } from './user-stores.ts';

export type { SessionWatch } from './session/watch-session.ts';

/** What surfaces may do: the Host API. */
export interface Host extends AsyncDisposable {
  readonly sessions: Sessions;
  /** Agents and models that a session in this folder can be set to. Reads changed configuration. */
  choices(directory: string): Promise<LocationChoices>;
  /**
   * Is called when `choices` may have other models to give: some came or went on this machine, a key or a sign-in did,
   * or models.dev told of new ones. Changed files are not told.
   */
  onCatalogChange(listener: () => void): Disposable;
  /** Model servers of this machine (LM-03): whoever lets models be chosen has it look, and does not wait. */
  readonly localServers: Pick<LocalServers, 'look'>;
  /** Asks the server of a local model whether it is there, has the model and gives it room, in words (LM-14). */
  preflight(directory: string, ref: ModelRef, signal: AbortSignal): Promise<Preflight>;
  /** The view stream: every event of every session, in order. */
  subscribe(listener: ViewListener): Disposable;
  /** What the user is to be told now, outside any conversation. */
  notices(): readonly Notice[];
  /**
   * What a provider turn sent, got and took, as a Markdown text for developers; without `messageID` the session's last
   * turn. Undefined when it is not kept any more.
   */
  turnTrace(sessionID: SessionID, messageID?: MessageID): Promise<TurnTraceText | undefined>;
  /**
   * Sessions of other stores that belong to a folder: it was moved or renamed, or its project was opened elsewhere.
   * What was declined is not in it. At opening the same is told by notices (`sessions.adoptable`).
   */
  adoptable(directory: string): Promise<readonly Adoptable[]>;
  /** Copies what was offered of a store, and leaves that store as it is. Returns how many sessions. */
  adopt(storage: string): Promise<number>;
  /** What was offered of a store is not offered again. */
  declineAdoption(storage: string): Promise<void>;
  savedRules(): Promise<readonly SavedRule[]>;
  revokeRule(id: RuleID): Promise<void>;
  /** The user's own configuration: the opencode.jsonc that is there, else opencode.json, there or not. */
  userConfigPath(): Promise<string>;
  /** Keys and sign-ins at providers. */
  readonly accounts: Accounts;
  /** Decodes a message of a chat page. @throws HostError `webview.invalid-message` */
  decodeFromWebview(message: unknown): FromWebview;
}

/** What surfaces need to name of `Host.preflight`. */
/** What surfaces need to name of `Host.accounts`. */
export type { Account, Accounts, Interaction, LocalFinding, Preflight, SignInPage };

export interface TurnTraceText {
  readonly messageID: MessageID;
  readonly markdown: string;
}

export interface HostOptions {
  readonly ports: Ports;
  /** Folder of the store and of managed output; made if need be. */
  readonly storage: string;
  readonly ownership: 'take-over' | 'refuse';
  /** Folders that are open from the start, named as their sessions will name them. */
  readonly directories?: readonly string[];
  /** `guest`: another surface's store, in which this one does one thing. It stays known under the other's name. */
  readonly standing?: 'owner' | 'guest';
  /** See `SessionsOptions`. */
  readonly resumes?: 'answered' | 'nothing';
  /** `short` for a process of our own that ends with its work: it spends less memory on the store's speed. */
  readonly lifetime?: 'long' | 'short';
  /** For models.dev, which is asked now and then what models there are; absent: never. */
  readonly fetch?: Fetch;
  /**
   * This machine is looked at for model servers once it is open, and the server of a local model when a turn on it
   * starts or fails; both in the background. Absent, or with a short life: only when a surface asks for it.
   */
  readonly localServers?: LocalLook;
  /** How a provider that refuses for now is asked again. */
  readonly retries?: RetryOptions;
  /** The store's program, where that is not the one beside the host's own. */
  readonly storeFiles?: StoreFiles;
  /** Version of Millrace. */
  readonly version: string;
  /** Gives up opening. */
  readonly signal: AbortSignal;
}

/**
 * Opens a host on a storage folder: the composition root, and the only place that knows every room. Disposing ends
 * running drains at a settled point, and closes the store.
 * @throws HostError of `openStore`
 */
export async function openHost(options: HostOptions): Promise<Host> {
  const resources = createResources();
  const redaction = createRedaction();
  const ports = { ...options.ports, log: quietLog(options.ports.log, redaction.text) };
  try {
    const host = await compose({ ...options, ports }, redaction, resources);
    if (looksByItself(options)) void host.localServers.look(new AbortController().signal);
    return host;
  } catch (error) {
    await resources[Symbol.asyncDispose]();
    throw error;
  }
}

function looksByItself({ localServers, lifetime }: HostOptions): boolean {
  return localServers !== undefined && lifetime !== 'short';
}

async function compose(options: HostOptions, redaction: Redaction, resources: Resources): Promise<Host> {
  const { ports, storage, directories = [], lifetime = 'long', version } = options;
  const { clock, ids, log } = ports;
  const emitter = createEmitter(log);
  const notices = createNotices(emitter, redaction.text);
  const store = resources.use(await openHostStore(options, notices));
  // What made the store read-only is mended: its notice goes.
  resources.use(store.onStateChange(({ type }) => type === 'writable' && notices.clear('store')));
  const live = createLiveParts(emitter.emit);
  resources.use(publishFacts({ store, emitter, live, log }));
  const permissions = createPermissions({ store, clock, ids });
  const pinned = createPinnedRules();
  const traceFiles = createTraceFiles({ directory: join(storage, 'traces'), files: ports.files });
  const traces = createTraces({ clock, log, hider: redaction.hider, files: traceFiles });
  const outputFolder = join(storage, 'output');
  const kept = createKeptContents({ ...ports, directory: join(storage, 'blobs') });
  const models = resources.use(
    openModelSources({ ...options, onDamaged: (path) => notices.raise(damagedModelsNotice(path)) }),
  );
  const credentials = resources.use(await openCredentials({ ...ports, fetch: options.fetch ?? fetch }));
  redaction.follow(credentials);
  const consents = resources.use(await openConsents(ports));
  const found = resources.use(await openFoundSources(options));
  const offered = { models, found, credentials, consents };
  const locations = createLocations({ ports, permissions, pinned, notices, outputFolder, kept, ...offered });
  const locate = async ({ directory }: Session) => locations.at(directory);
  const sessions = resources.use(
    await openSessions({
      store,
      permissions,
      pinned,
      live,
      clock,
      ids,
      log,
      emitter,
      traces,
      secrets: redaction.secrets,
      ...(options.retries ? { retries: options.retries } : {}),
      version,
      resumes: options.resumes ?? 'answered',
      locate,
      kept,
      forgetFiles: locations.forget,
      sweepOutputs: locations.sweepOutputs,
      onDropped: (id, count) => notices.raise(droppedNotice(id, count)),
      trust: ports.trust,
      ...tellReverts(notices),
      onDrainFailed: (id, error) => notices.raise(drainNotice(id, error)),
    }),
  );
  // A short life ends with its one run: a title would keep it waiting, or be paid for and thrown away.
  if (lifetime === 'long') resources.use(createTitles({ store, clock, log, locate }));
  if (looksByItself(options)) resources.use(createLocalChecks({ store, clock, log, notices, locate }));
  const userStores = resources.use(
    await openUserStores({ ...options, directories, lifetime, notices, sessions }),
  );
  return {
    sessions,
    choices: (directory) => {
      userStores.opened([directory]);
      return locations.at(directory).choices();
    },
    onCatalogChange: changesOf([found, models, credentials]),
    localServers: found.localServers,
    preflight: preflightOf(locations, clock),
    subscribe: emitter.subscribe,
    notices: notices.all,
    turnTrace: (...turn) => traceText(sessions, ...turn),
    adoptable: userStores.adoptable,
    adopt: userStores.adopt,
    declineAdoption: userStores.decline,
    savedRules: permissions.savedRules,
    revokeRule: permissions.revoke,
    userConfigPath: () => userConfigPath(ports),
    accounts: createAccounts({ credentials, consents, ...ports, catalogOf: catalogOf(locations) }),
    decodeFromWebview,
    [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
  };
}

function preflightOf(locations: Locations, clock: Clock): Host['preflight'] {
  return async (directory, ref, signal) =>
    preflightModel(await catalogOf(locations)(directory), ref, { clock, signal });
}

function catalogOf(locations: Locations) {
  return async (directory: string) => (await locations.at(directory).current()).catalog;
}

async function traceText(
  sessions: Sessions,
  ...turn: Parameters<Host['turnTrace']>
): Promise<TurnTraceText | undefined> {
  const trace = await sessions.trace(...turn);
  return trace && { messageID: trace.messageID, markdown: renderTrace(trace) };
}

async function userConfigPath({ environment, textFiles }: Ports): Promise<string> {
  const plain = join(userConfigFolder(environment), 'opencode.json');
  const commented = `${plain}c`;
  const [plainStamp, commentedStamp] = await Promise.all([
    textFiles.stamp(plain),
    textFiles.stamp(commented),
  ]);
  return plainStamp === 'absent' && commentedStamp !== 'absent' ? commented : plain;
}

function droppedNotice(sessionID: string, count: number): Notice {
  return { key: `import:${sessionID}`, level: 'info', code: 'import.dropped', data: { '0': count } };
}

/** Of files that the end of a process left on their way: that they wait for trust, or which did not arrive. */
function tellReverts(notices: Notices): Pick<SessionsOptions, 'onRevertHeld' | 'onRevertSettled'> {
  const keyOf = (id: SessionID) => `revert:${id}`;
  return {
    onRevertHeld: (id) => notices.raise({ key: keyOf(id), level: 'warning', code: 'revert.held', data: {} }),
    onRevertSettled(id, { left, to }) {
      const key = keyOf(id);
      const code = to === 'back' ? 'revert.broken-off' : 'unrevert.broken-off';
      if (left.length === 0) notices.clear(key);
      else notices.raise({ key, level: 'warning', code, data: { '0': left.join(', ') } });
    },
  };
}

const lastDots = /\.+$/;

function drainNotice(sessionID: string, error: unknown): Notice {
  const text = (error instanceof Error ? error.message : String(error)).replace(lastDots, '');
  return { key: `drain:${sessionID}`, level: 'error', code: 'drain.failed', data: { '0': text } };
}

function openHostStore(options: HostOptions, notices: Notices) {
  const { ports, storage, ownership, lifetime = 'long', signal } = options;
  const { clock, log, environment } = ports;
  return openStore<typeof projections>({
    directory: join(storage, 'store'),
    ...(options.storeFiles ?? storeFiles()),
    ownership,
    lifetime,
    surface: environment.surface,
    clock,
    log,
    onNotice: notices.raise,
    signal,
  });
}

function damagedModelsNotice(path: string): Notice {
  return { key: 'models', level: 'info', code: 'models.damaged', data: { '0': path } };
}
