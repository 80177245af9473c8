import { basename, dirname, join, resolve } from 'node:path';
import { HostError, hasCode } from '#shared/host-error.ts';
import type { Notice } from '#shared/notice.ts';
import type { Environment } from '../ports/environment.ts';
import type { TextFiles } from '../ports/text-files.ts';
import { builtinKeyNames } from './builtin-keys.ts';
import type { Config, Layer } from './config.ts';
import { type ConfigProblem, parseConfigFile } from './config-file.ts';
import { projectConfigPaths, projectFolders, realInside, userConfigPaths } from './config-paths.ts';
import type { ConfigValues } from './config-schema.ts';
import { type LayerValues, mergeLayers } from './merge-layers.ts';
import { hasPlaceholder, type Lookup, substitute } from './substitute.ts';

export interface ConfigWorld {
  readonly files: TextFiles;
  readonly environment: Environment;
  /** The variables that hold a provider's keys beside those that the user's file names: what the catalogue knows. */
  readonly keyNames?: KeyNames;
}

export interface LoadedConfig {
  readonly config: Config;
  /** Every path that was looked at, with its stamp: equal stamps mean that nothing changed. */
  readonly stamps: ReadonlyMap<string, string>;
}

/**
 * Reads the user's files and, for a trusted Location, the project's. Never throws for what a file contains:
 * a bad file or entry becomes a notice, and defaults apply for it.
 */
export async function loadConfig(
  directory: string,
  trusted: boolean,
  world: ConfigWorld,
): Promise<LoadedConfig> {
  const project = trusted ? await projectFolders(directory, world.files) : { folders: [], foreign: [] };
  const places = configPlaces(project.folders, world);
  const stamps = new Map(
    await Promise.all(places.map(async ({ path }) => [path, await world.files.stamp(path)] as const)),
  );
  const present = places.filter(({ path }) => stamps.get(path) !== 'absent');
  const read = async (from: Layer, keyNames: KeyNames) => {
    const own = present.filter((place) => place.from === from);
    const filling = { directory, root: project.folders[0] ?? directory, world, keyNames };
    return Promise.all(own.map((place) => readLayer(place, filling)));
  };
  const user = await read('user', () => []);
  const layers = [...user, ...(await read('project', keyNamesOf(user, world.keyNames)))];
  const config = mergeLayers(layers, world.environment.homeDirectory);
  const foreign = project.foreign.map((folder) => notice(folder, 'config.foreign', [folder]));
  return { config: { ...config, notices: [...foreign, ...config.notices] }, stamps };
}

/** The variables that hold a provider's keys, as the user or Millrace itself says. */
export type KeyNames = (providerID: string) => readonly string[];

function keyNamesOf(user: readonly LayerValues[], known: KeyNames = () => []): KeyNames {
  const named = new Map<string, readonly string[]>(Object.entries(builtinKeyNames));
  for (const { values } of user) {
    for (const [id, { env }] of Object.entries(values.provider ?? {})) {
      if (env) named.set(id, [...(named.get(id) ?? []), ...env]);
    }
  }
  return (id) => [...(named.get(id) ?? []), ...known(id)];
}

interface Place {
  readonly from: Layer;
  readonly path: string;
}

function configPlaces(folders: readonly string[], { environment }: ConfigWorld): readonly Place[] {
  const user = userConfigPaths(environment).map((path) => ({ from: 'user' as const, path }));
  const project = projectConfigPaths(folders).map((path) => ({ from: 'project' as const, path }));
  return [...user, ...project];
}

async function readLayer(place: Place, filling: FillWorld): Promise<LayerValues> {
  const { path, from } = place;
  let text: string | undefined;
  try {
    text = await readPlace(place, filling);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const isRefused = hasCode(error, 'config.outside') || hasCode(error, 'config.foreign');
    const told = isRefused
      ? notice(path, error.code, [path])
      : notice(path, 'config.unreadable', [path, error.message]);
    return { from, values: {}, borrowedKeys: new Set(), notices: [told] };
  }
  const file = parseConfigFile(text ?? '');
  const filled = await fill(file.values, place, filling);
  return {
    from,
    values: filled.value,
    borrowedKeys: new Set(from === 'project' ? borrowedKeys(file.values) : []),
    notices: [
      ...file.problems.map((problem) => problemNotice(path, problem)),
      ...filled.withheld.map((what) => notice(`${path}#${what}`, 'config.withheld', [path, what])),
    ],
  };
}

/** A project's file is read by its real path, so that what was judged is what is read. */
async function readPlace(
  { from, path }: Place,
  { directory, root, world: { files } }: FillWorld,
): Promise<string | undefined> {
  if (from === 'user') return files.read(path);
  const real = await realInside(root, path, files);
  if (real === 'outside') throw new HostError('config.outside', `${path} leads out of the project.`);
  if (real && (await isOthers(path, directory, files)))
    throw new HostError('config.foreign', `${path} belongs to another user.`);
  return real && files.read(real.path);
}

/** The Location itself is what the user opened; above it, what another user has put there is not theirs. */
async function isOthers(path: string, directory: string, files: TextFiles): Promise<boolean> {
  const real = await realInside(directory, path, files);
  if (real !== 'outside') return false;
  const foreign = await Promise.all([path, dirname(path)].map((each) => files.isForeign(each)));
  return foreign.includes(true);
}

interface FillWorld {
  readonly directory: string;
  /** The topmost folder of the project. */
  readonly root: string;
  readonly world: ConfigWorld;
  readonly keyNames: KeyNames;
}

function fill(values: ConfigValues, place: Place, { directory, world, keyNames }: FillWorld) {
  const file = fileLookup(place, directory, world);
  const env = (name: string) => world.environment.variable(name) ?? '';
  const nothing: Lookup = { env: () => undefined, file: () => Promise.resolve(undefined) };
  return substitute(values, (path) => {
    if (place.from === 'user') return { env, file };
    if (path[0] !== 'provider') return { ...nothing, file };
    if (!isOwnKey(path)) return nothing;
    const names = keyNames(path[1] ?? '');
    return { env: (name) => (names.includes(name) ? env(name) : undefined), file };
  });
}

/**
 * The one place where a project's file may name a variable: a provider's key, by a name that holds that provider's
 * keys. Whether that key is then sent anywhere is decided where the endpoint is known.
 */
function isOwnKey(path: readonly string[]): boolean {
  return path[0] === 'provider' && path[2] === 'options' && path[3] === 'apiKey' && path.length === 4;
}

/** `{file:…}` is relative to the file that names it; a project's file reaches only into its own folder. */
function fileLookup(place: Place, directory: string, { files, environment }: ConfigWorld): Lookup['file'] {
  return async (name) => {
    const named = name.startsWith('~/') ? join(environment.homeDirectory, name.slice(2)) : name;
    const path = resolve(dirname(place.path), named);
    if (place.from === 'user') return (await files.read(path))?.trim();
    const real = await realInside(directory, path, files);
    if (real === undefined || real === 'outside' || [path, real.path].some(isSecretName)) return undefined;
    return (await files.read(real.path))?.trim();
  };
}

/** What lies in an `.env` file is the user's, though the project's folder holds it. */
export function isSecretName(path: string): boolean {
  const name = basename(path).toLowerCase();
  return secretName.test(name) && !name.endsWith('.example');
}

const secretName = /\.env(?:\..*)?$/s;

/** Providers of a project's file whose key is not written there but borrowed from the user's machine. */
function borrowedKeys(values: ConfigValues): string[] {
  return Object.entries(values.provider ?? {}).flatMap(([id, provider]) =>
    hasPlaceholder(provider.options?.apiKey ?? '') ? [id] : [],
  );
}

function problemNotice(path: string, { type, line, reason }: ConfigProblem): Notice {
  return notice(`${path}:${line}`, type === 'syntax' ? 'config.syntax' : 'config.value', [
    path,
    line,
    reason,
  ]);
}

function notice(key: string, code: string, args: readonly (string | number)[]): Notice {
  const data = Object.fromEntries(args.map((value, index) => [String(index), value]));
  return { key: `config:${key}`, level: 'warning', code, data };
}
