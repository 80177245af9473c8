import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { hasCode } from '#shared/host-error.ts';
import type { Fetch } from '../llm/framing/exchange.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { type Fetched, fetchModels, modelsURL } from './fetch-models.ts';
import { isTorn, type ModelsCache } from './models-cache.ts';
import { type ModelsDev, noModels } from './models-dev.ts';
import { type ModelsFile, readModelsFile, withOrigin, writeModelsFile } from './models-file.ts';

/** How it went with the last question to models.dev; times in milliseconds since the epoch. */
export type Refresh =
  | { readonly type: 'never' }
  | { readonly type: 'running' }
  | { readonly type: 'unchanged'; readonly at: number }
  | { readonly type: 'updated'; readonly at: number }
  /** What was there before stays. Being offline is ordinary: nobody is told who does not ask. */
  | { readonly type: 'failed'; readonly at: number; readonly reason: string };

/** The catalogue's data of this process: what came with Millrace, or what was fetched since. */
export interface CatalogData extends AsyncDisposable {
  /**
   * The newest that this machine has; never waits for the network. Where it was not compared with models.dev for some
   * hours, that is done in the background. Equal as long as nothing changed.
   */
  current(): Promise<ModelsDev>;
  /** What `current` gave last, at once; nothing until it was asked. */
  readonly latest: ModelsDev;
  /** Asks models.dev now; one question at a time. Never fails: see what it returns. */
  refresh(): Promise<Refresh>;
  readonly lastRefresh: Refresh;
  /** Is called when `current` has something newer to give. */
  onChange(listener: () => void): Disposable;
}

export interface CatalogDataOptions {
  /** The catalogue that comes with Millrace, compressed. */
  readonly bundled: () => Promise<Uint8Array>;
  /** Absent: nothing is kept. */
  readonly cache?: ModelsCache;
  /** Absent: models.dev is never asked. */
  readonly fetch?: Fetch;
  readonly url?: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Is told where a damaged cache was put aside. */
  readonly onDamaged?: (path: string) => void;
}

/** Not even then when it failed: who is offline stays so for a while. */
const hour = 3_600_000;
const everyMs = 6 * hour;

type Held = ModelsFile & {
  readonly bytes: Uint8Array;
  /** Of the cache's file, where this is what it holds or held. */
  readonly version?: string;
};

/** Does nothing until it is asked. Disposing gives up what is under way, and waits for that. */
export function openCatalogData(options: CatalogDataOptions): CatalogData {
  return new Data(options);
}

class Data implements CatalogData {
  readonly #options: CatalogDataOptions;
  readonly #stop = new AbortController();
  readonly #listeners = new Set<() => void>();
  #held: Promise<Held> | undefined;
  #running: Promise<Refresh> | undefined;
  #triedAt = Number.NEGATIVE_INFINITY;
  latest: ModelsDev = noModels;
  lastRefresh: Refresh = { type: 'never' };

  constructor(options: CatalogDataOptions) {
    this.#options = options;
  }

  async current(): Promise<ModelsDev> {
    const held = await this.#load();
    if (this.#isDue(held)) void this.refresh();
    this.latest = held.models;
    return held.models;
  }

  refresh(): Promise<Refresh> {
    this.#running ??= this.#ask().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  onChange(listener: () => void): Disposable {
    const own = () => listener();
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listeners.clear();
    this.#stop.abort(new Error('The catalogue is closed.'));
    await this.#running;
  }

  #isDue(held: Held): boolean {
    const { clock, fetch } = this.#options;
    if (!fetch || this.#stop.signal.aborted) return false;
    return this.#isStale(held) && clock.monotonic() - this.#triedAt >= hour;
  }

  #isStale({ checkedAt = 0 }: Held): boolean {
    const age = this.#options.clock.now() - checkedAt;
    // A time in the future is a clock that was wrong.
    return age >= everyMs || age < 0;
  }

  #load(): Promise<Held> {
    this.#held ??= this.#newest();
    return this.#held;
  }

  async #newest(): Promise<Held> {
    const [cached, bundled] = await Promise.all([this.#cached(), this.#bundled()]);
    return cached && cached.models.date >= bundled.models.date ? cached : bundled;
  }

  async #bundled(): Promise<Held> {
    try {
      const bytes = await unpack(await this.#options.bundled());
      return { ...this.#read(bytes), bytes };
    } catch (error) {
      // Part of the program is missing or broken: what the configuration names still works.
      this.#options.log.error('The catalogue that comes with Millrace cannot be read', error);
      return { models: noModels, bytes: new Uint8Array() };
    }
  }

  async #cached(): Promise<Held | undefined> {
    const { cache, log, onDamaged } = this.#options;
    try {
      const found = await cache?.read();
      return found && { ...this.#read(found.bytes), ...found };
    } catch (error) {
      if (!cache || !isDamage(error)) {
        log.error('The fetched catalogue cannot be read', error);
        return undefined;
      }
      const path = await cache.setAside();
      log.warn('The fetched catalogue was damaged and was put aside', { path });
      onDamaged?.(path);
      return undefined;
    }
  }

  #read(bytes: Uint8Array): ModelsFile {
    const { log } = this.#options;
    return readModelsFile(bytes, (entry, reason) =>
      log.warn('An entry of the catalogue was left out', { entry, reason }),
    );
  }

  async #ask(): Promise<Refresh> {
    const { clock, log } = this.#options;
    this.#triedAt = clock.monotonic();
    this.lastRefresh = { type: 'running' };
    try {
      this.lastRefresh = await this.#compare();
    } catch (error) {
      // Whatever it is, it must not reach a user who works: the network, a proxy's page, a full disk.
      const reason = error instanceof Error ? error.message : String(error);
      log.debug('The catalogue was not refreshed', { reason });
      this.lastRefresh = { type: 'failed', at: clock.now(), reason };
    }
    return this.lastRefresh;
  }

  async #compare(): Promise<Refresh> {
    const { cache, clock, fetch, url = modelsURL } = this.#options;
    const { signal } = this.#stop;
    signal.throwIfAborted();
    if (!fetch) throw new Error('Asking models.dev is turned off.');
    const held = await this.#load();
    const version = await cache?.version();
    if (version !== undefined && version !== 'absent' && version !== held.version) {
      const theirs = await this.#cached();
      if (theirs && !this.#isStale(theirs) && theirs.models.date >= held.models.date)
        return this.#take(theirs);
    }
    const fetched = await fetchModels({ url, etag: held.etag }, { fetch, clock, signal });
    const next = this.#stored(fetched, held);
    signal.throwIfAborted();
    const written = await cache?.write(next.bytes, (await cache.version()) ?? 'absent');
    const kept = written === undefined || written === 'taken' ? next : { ...next, version: written.version };
    if (fetched.type === 'new') return this.#take(kept);
    this.#held = Promise.resolve({ ...kept, models: held.models });
    return { type: 'unchanged', at: clock.now() };
  }

  #stored(fetched: Fetched, held: Held): Held {
    const checkedAt = this.#options.clock.now();
    if (fetched.type === 'unchanged') {
      const bytes = withOrigin(held.bytes, { checkedAt });
      return { ...held, bytes, checkedAt };
    }
    const { etag, served } = fetched;
    const bytes = writeModelsFile(served, { checkedAt, ...(etag === undefined ? {} : { etag }) });
    return { ...this.#read(bytes), bytes };
  }

  #take(held: Held): Refresh {
    this.#held = Promise.resolve(held);
    for (const listener of [...this.#listeners]) this.#tell(listener);
    return { type: 'updated', at: this.#options.clock.now() };
  }

  #tell(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.#options.log.error('A listener of the catalogue failed', error);
    }
  }
}

const unpack = promisify(brotliDecompress);

function isDamage(error: unknown): boolean {
  return isTorn(error) || hasCode(error, 'models.damaged');
}
