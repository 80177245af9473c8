import type { SessionID } from '#shared/ids.ts';
import type { ModelRef } from '#shared/message.ts';
import { parseModel } from '#shared/parse-model.ts';
import type { AgentChoice, ModelChoice } from '#shared/protocol.ts';
import type { Agent } from './agent/agent.ts';
import { resolveAgents } from './agent/resolve-agents.ts';
import { createCatalog } from './catalog/catalog.ts';
import type { CatalogData } from './catalog/catalog-data.ts';
import type { Consents, StoredCredentials } from './catalog/choose-credential.ts';
import type { FoundModels, FoundSource } from './catalog/found-models.ts';
import { knownKeyNames } from './catalog/known-provider.ts';
import type { ModelsDev } from './catalog/models-dev.ts';
import { pinnedNotices } from './catalog/pinned-notices.ts';
import type { Config } from './config/config.ts';
import { createConfigSource } from './config/config-source.ts';
import { builtinSources } from './context/builtin-sources.ts';
import { type ContextRegistryOptions, createContextRegistry } from './context/context-registry.ts';
import type { SourceWorld } from './context/source-world.ts';
import { createAuthority } from './location/authority.ts';
import { evaluate, isDeniedWhole } from './permission/evaluate.ts';
import { locationRules } from './permission/location-rules.ts';
import type { Permissions } from './permission/permissions.ts';
import type { Ports } from './ports/ports.ts';
import { isClosing } from './session/coordinator.ts';
import type { LocationServices, LocationState } from './session/location-services.ts';
import type { Notices } from './session/notices.ts';
import type { PinnedRules } from './session/runner/pinned-rules.ts';
import type { KeptContents } from './snapshot/kept-contents.ts';
import { builtinTools } from './tool/builtin.ts';
import { createManagedOutput, type ManagedOutput } from './tool/managed-output.ts';
import type { PermissionGate } from './tool/permission-gate.ts';
import { createReadLedger, type ReadLedger } from './tool/read-ledger.ts';
import { createToolRegistry } from './tool/registry.ts';
import type { ToolWorld } from './tool/tool-world.ts';

/** What a session in a folder can be set to. */
export interface LocationChoices {
  readonly agents: readonly AgentChoice[];
  readonly models: readonly ModelChoice[];
  readonly defaultAgent?: string;
  readonly defaultModel?: ModelRef;
}

export interface LocationHost extends LocationServices {
  choices(): Promise<LocationChoices>;
}

/** The Locations that are in use, each with services of its own (RT-18). */
export interface Locations {
  at(directory: string): LocationHost;
  /** A session is gone: what it has seen, and the Managed Tool Output Files that were its own. */
  forget(id: SessionID, outputs: readonly string[]): Promise<void>;
  /** Removes Managed Tool Output Files from before this opening whose names are not among those of `named`. */
  sweepOutputs(named: () => Promise<readonly string[]>): Promise<void>;
}

export interface LocationsOptions {
  readonly ports: Ports;
  readonly permissions: Permissions;
  readonly pinned: PinnedRules;
  readonly notices: Notices;
  /** Where Managed Tool Output Files are kept. */
  readonly outputFolder: string;
  /** What files held before tools changed them. */
  readonly kept: KeptContents;
  /** What models.dev says of providers and models. */
  readonly models: CatalogData;
  /** What there is beside that, on this machine. */
  readonly found: FoundSource;
  readonly credentials: StoredCredentials;
  readonly consents: Consents;
}

export function createLocations(options: LocationsOptions): Locations {
  const { ports, outputFolder } = options;
  const known = new Map<string, LocationHost>();
  const opened = ports.clock.now();
  const shared: SharedTools = {
    output: createManagedOutput({ ...ports, directory: outputFolder }),
    ledger: createReadLedger(),
  };
  return {
    at(directory) {
      const location = known.get(directory) ?? createLocation(directory, options, shared);
      known.set(directory, location);
      return location;
    },
    async forget(id, outputs) {
      shared.ledger.forget(id);
      const removed = await Promise.allSettled(outputs.map((path) => shared.output.remove(path)));
      const failed = removed.find(({ status }) => status === 'rejected');
      if (failed?.status === 'rejected') throw failed.reason;
    },
    sweepOutputs: (named) => shared.output.sweep(named, opened),
  };
}

interface SharedTools {
  readonly output: ManagedOutput;
  readonly ledger: ReadLedger;
}

function createLocation(directory: string, options: LocationsOptions, shared: SharedTools): LocationHost {
  const { ports, notices, outputFolder, kept, models } = options;
  const { environment, files, textFiles, trust, log, clock } = ports;
  const isTrusted = () => trust.isTrusted(directory);
  const config = createConfigSource({
    directory,
    isTrusted,
    files: textFiles,
    environment,
    keyNames: (id) => knownKeyNames(id, models.latest),
  });
  const sources = builtinSources({
    ...ports,
    directory,
    isTrusted,
    instructions: async () => (await config.current()).instructions,
    onInstructionProblems: tellProblems(directory, notices),
    // Until there are skills to load.
    skills: () => [],
  });
  const authority = createAuthority({
    root: directory,
    extraRoots: [outputFolder],
    files,
    environment,
    platform: environment.platform,
  });
  const tools = createToolRegistry({
    tools: builtinTools({ ...ports, ...shared, kept, authority, mayRead: mayReadOf(options) }),
    permission: gateOf(directory, options),
    output: shared.output,
    clock,
    log,
  });
  const current = stateOf(config.current, { ...options, environment, isTrusted, directory });
  return {
    directory,
    project: directory,
    context: createContextRegistry({ sources, clock, log, ...tellUnavailable(directory, notices) }),
    tools,
    authority,
    documents: ports.documents,
    forgetReads: shared.ledger.forget,
    current,
    choices: async () => choicesOf(await current()),
  };
}

/** What is wrong with `instructions` of the configuration, as it stood when they were last looked at. */
function tellProblems(directory: string, notices: Notices): SourceWorld['onInstructionProblems'] {
  const prefix = `instructions:${directory}:`;
  return (problems) =>
    notices.replace(
      prefix,
      problems.map(({ type, pattern }) => ({
        key: `${prefix}${type}:${pattern}`,
        level: 'warning',
        code: `config.instructions-${type}`,
        data: { '0': pattern },
      })),
    );
}

/** A Context Source that fails or hangs is told once, until it works again. */
function tellUnavailable(
  directory: string,
  notices: Notices,
): Pick<ContextRegistryOptions, 'onUnavailable' | 'onAvailable'> {
  const keyOf = (source: string) => `context:${directory}:${source}`;
  return {
    onUnavailable: (source, error) => {
      const reason = error instanceof Error ? error.message : String(error);
      const data = { '0': source, '1': reason };
      notices.raise({ key: keyOf(source), level: 'warning', code: 'context.unavailable', data });
    },
    onAvailable: (source) => notices.clear(keyOf(source)),
  };
}

interface StateWorld
  extends Pick<Ports, 'environment'>,
    Pick<LocationsOptions, 'notices' | 'models' | 'found' | 'credentials' | 'consents'> {
  readonly directory: string;
  readonly isTrusted: () => boolean;
}

/** What a state was worked out from, beside its configuration. */
interface StateBasis {
  readonly trusted: boolean;
  readonly data: ModelsDev;
  readonly found: FoundModels;
}

/** What the files amount to, worked out anew only when one of them, the catalogue's data or what was found changed. */
function stateOf(config: () => Promise<Config>, world: StateWorld): () => Promise<LocationState> {
  const { environment, credentials, consents } = world;
  let last: (LocationState & StateBasis) | undefined;
  return async () => {
    // First: the configuration asks it which variables hold keys.
    const data = await world.models.current();
    const now = await config();
    const trusted = world.isTrusted();
    const found = world.found.latest;
    if (last?.config === now && isSame(last, { trusted, data, found })) return last;
    world.notices.replace('config:', now.notices);
    const catalog = createCatalog(now, { environment, data, found, credentials, consents });
    world.notices.replace('model:', pinnedNotices(now, catalog));
    last = {
      config: now,
      data,
      found,
      trusted,
      agents: resolveAgents(now, world.environment.homeDirectory),
      catalog,
      layersOf: (agent) => locationRules(now.permission, agent, trusted),
    };
    return last;
  };
}

function isSame(a: StateBasis, b: StateBasis): boolean {
  return a.trusted === b.trusted && a.data === b.data && a.found === b.found;
}

function choicesOf({ config, agents, catalog }: LocationState): LocationChoices {
  const offered = [...agents.values()].filter(isOffered);
  const model = config.model === undefined ? undefined : parseModel(config.model);
  const defaultModel = model ?? catalog.defaultModel;
  return {
    agents: offered.map(({ name, description }) => ({ name, description })),
    models: catalog.models,
    ...(config.defaultAgent === undefined ? {} : { defaultAgent: config.defaultAgent }),
    ...(defaultModel ? { defaultModel } : {}),
  };
}

function isOffered({ mode, hidden }: Agent): boolean {
  return mode !== 'subagent' && !hidden;
}

/** Whether the rules of a call's turn let it read a file without a question. */
function mayReadOf({ pinned }: LocationsOptions): ToolWorld['mayRead'] {
  return (patterns, { messageID }) =>
    evaluate(pinned.of(messageID), { permission: 'read', patterns }).action === 'allow';
}

/** What tools ask goes to the permission room, with the rules that their turn was started with. */
function gateOf(directory: string, { permissions, pinned }: LocationsOptions): PermissionGate {
  return {
    isHidden: (key, { messageID }) => isDeniedWhole(pinned.of(messageID), key),
    async authorize(need, { name, ...call }, signal) {
      const layers = pinned.of(call.messageID);
      const asked = { ...call, tool: name, project: directory, layers };
      const outcome = await permissions.authorize(need, asked, { signal, keepOn: isClosing });
      if (outcome.type !== 'denied') return outcome;
      const { rule } = outcome.origin;
      return rule ? { type: 'denied', rule } : { type: 'denied' };
    },
  };
}
