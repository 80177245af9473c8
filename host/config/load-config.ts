import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { Notice } from '#shared/notice.ts';
import type { Environment } from '../ports/environment.ts';
import type { TextFiles } from '../ports/text-files.ts';
import type { Config, Layer } from './config.ts';
import { type ConfigProblem, parseConfigFile } from './config-file.ts';
import { projectConfigPaths, userConfigPaths } from './config-paths.ts';
import type { ConfigValues } from './config-schema.ts';
import { type LayerValues, mergeLayers } from './merge-layers.ts';
import { hasPlaceholder, type Lookup, substitute } from './substitute.ts';

export interface ConfigWorld {
  readonly files: TextFiles;
  readonly environment: Environment;
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
  const places = await configPlaces(directory, trusted, world);
  const stamps = new Map(
    await Promise.all(places.map(async ({ path }) => [path, await world.files.stamp(path)] as const)),
  );
  const present = places.filter(({ path }) => stamps.get(path) !== 'absent');
  const layers = await Promise.all(present.map((place) => readLayer(place, directory, world)));
  return { config: mergeLayers(layers, world.environment.homeDirectory), stamps };
}

interface Place {
  readonly from: Layer;
  readonly path: string;
}

async function configPlaces(
  directory: string,
  trusted: boolean,
  world: ConfigWorld,
): Promise<readonly Place[]> {
  const user = userConfigPaths(world.environment).map((path) => ({ from: 'user' as const, path }));
  const project = trusted ? await projectConfigPaths(directory, world.files) : [];
  return [...user, ...project.map((path) => ({ from: 'project' as const, path }))];
}

async function readLayer(place: Place, directory: string, world: ConfigWorld): Promise<LayerValues> {
  const { path, from } = place;
  let text: string | undefined;
  try {
    text = await world.files.read(path);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return {
      from,
      values: {},
      borrowedKeys: new Set(),
      notices: [notice(path, 'config.unreadable', [path, error.message])],
    };
  }
  const file = parseConfigFile(text ?? '');
  const filled = await fill(file.values, place, { directory, world });
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

interface FillWorld {
  readonly directory: string;
  readonly world: ConfigWorld;
}

function fill(values: ConfigValues, place: Place, { directory, world }: FillWorld) {
  const files = fileLookup(place, directory, world);
  const user: Lookup = { env: (name) => world.environment.variable(name) ?? '', file: files };
  const project: Lookup = { env: () => undefined, file: files };
  const lookupAt = (path: readonly string[]) => (place.from === 'user' || isOwnKey(path) ? user : project);
  return substitute(values, lookupAt);
}

/**
 * The one place where a project's file may name a variable: a provider's key. Whether that key is then sent
 * anywhere is decided where the endpoint is known.
 */
function isOwnKey(path: readonly string[]): boolean {
  return path[0] === 'provider' && path[2] === 'options' && path[3] === 'apiKey' && path.length === 4;
}

/** `{file:…}` is relative to the file that names it; a project's file reaches only into its own folder. */
function fileLookup(place: Place, directory: string, { files, environment }: ConfigWorld): Lookup['file'] {
  return async (name) => {
    const named = name.startsWith('~/') ? join(environment.homeDirectory, name.slice(2)) : name;
    const path = resolve(dirname(place.path), named);
    const reachable = place.from === 'user' || (await isInside(directory, path, files));
    return reachable ? (await files.read(path))?.trim() : undefined;
  };
}

async function isInside(directory: string, path: string, files: TextFiles): Promise<boolean> {
  const [folder, target] = await Promise.all([files.realPath(directory), files.realPath(path)]);
  if (folder === undefined || target === undefined) return false;
  const inside = relative(folder, target);
  return inside !== '' && !inside.startsWith('..') && !isAbsolute(inside);
}

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
