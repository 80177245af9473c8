import type { Config } from './config.ts';
import { type ConfigWorld, type LoadedConfig, loadConfig } from './load-config.ts';

/** The configuration of one Location, read again when one of its files changed. */
export interface ConfigSource {
  /** The configuration as the files stand now. Costs one `stat` per file while nothing changed. */
  current(): Promise<Config>;
}

export interface ConfigSourceOptions extends ConfigWorld {
  readonly directory: string;
  /** Asked at each read: trust may be granted while the window lives. */
  readonly isTrusted: () => boolean;
}

export function createConfigSource({ directory, isTrusted, ...world }: ConfigSourceOptions): ConfigSource {
  let loaded: (LoadedConfig & { readonly trusted: boolean }) | undefined;
  let loading: Promise<Config> | undefined;

  const refresh = async (): Promise<Config> => {
    const trusted = isTrusted();
    if (loaded?.trusted === trusted && (await isFresh(loaded, world))) return loaded.config;
    loaded = { ...(await loadConfig(directory, trusted, world)), trusted };
    return loaded.config;
  };

  return {
    current() {
      loading ??= refresh().finally(() => {
        loading = undefined;
      });
      return loading;
    },
  };
}

async function isFresh({ stamps }: LoadedConfig, { files }: ConfigWorld): Promise<boolean> {
  const same = await Promise.all(
    [...stamps].map(async ([path, stamp]) => (await files.stamp(path)) === stamp),
  );
  return same.every(Boolean);
}
