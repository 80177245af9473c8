import type { Fetch } from '../../llm/framing/exchange.ts';
import { defaultPlaces, type LocalServer, type Place, probeLocalServers } from '../../llm/local/probe.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { FoundModels, FoundSource } from '../found-models.ts';
import { modelClock } from '../model-clock.ts';
import { foundServers } from './found-servers.ts';
import { afterLook, type KnownServers, withServer } from './known-servers.ts';
import type { ServersFile } from './servers-file.ts';

/** The model servers of this machine: those that were found, now or at some time before. */
export interface LocalServers extends FoundSource, AsyncDisposable {
  /**
   * Asks the usual ports of this machine which model servers are there, where the user lets it; one look at a time, and
   * what is found is told as it comes. Resolves when all were asked. Never fails; throws `signal.reason` on abort, which
   * ends the waiting and not the look.
   */
  look(signal: AbortSignal): Promise<void>;
}

export interface LocalServersOptions {
  readonly file: ServersFile;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether the user lets it look; asked each time. */
  readonly isOn: () => boolean;
  /** What the environment says in `OLLAMA_HOST`, if it does. */
  readonly ollamaHost?: string | undefined;
  /** Where to look instead of at the default ports. */
  readonly places?: readonly Place[] | undefined;
  readonly fetch?: Fetch | undefined;
}

/** Reads what is remembered, and asks nobody until it is told to look. Disposing gives up what is under way. */
export async function openLocalServers(options: LocalServersOptions): Promise<LocalServers> {
  return new Servers(options, await remembered(options));
}

async function remembered({ file, log }: LocalServersOptions): Promise<KnownServers> {
  try {
    return await file.read();
  } catch (error) {
    // Whatever it is, the host must open: servers are found again.
    log.error('The list of local servers cannot be read', error);
    return [];
  }
}

class Servers implements LocalServers {
  readonly #options: LocalServersOptions;
  readonly #places: readonly Place[];
  readonly #stop = new AbortController();
  readonly #listeners = new Set<() => void>();
  #known: KnownServers;
  #isOn: boolean;
  #latest: FoundModels;
  #looking: Promise<void> | undefined;

  constructor(options: LocalServersOptions, known: KnownServers) {
    this.#options = options;
    this.#places = options.places ?? defaultPlaces(options.ollamaHost);
    this.#known = known;
    this.#isOn = options.isOn();
    this.#latest = foundServers(known, { places: this.#places, isOn: this.#isOn });
  }

  get latest(): FoundModels {
    this.#take(this.#known);
    return this.#latest;
  }

  onChange(listener: () => void): Disposable {
    const own = () => listener();
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  async look(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#take(this.#known);
    if (!this.#isOn || this.#stop.signal.aborted) return;
    this.#looking ??= this.#ask().finally(() => {
      this.#looking = undefined;
    });
    await untilAborted(this.#looking, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listeners.clear();
    this.#stop.abort(new Error('The host is closing'));
    await this.#looking;
  }

  async #ask(): Promise<void> {
    const { fetch, clock, file, log } = this.#options;
    const { signal } = this.#stop;
    try {
      const onFound = (server: LocalServer) => this.#take(withServer(this.#known, server));
      const found = await probeLocalServers({
        ...(fetch ? { fetch } : {}),
        clock: modelClock(clock),
        signal,
        places: this.#places,
        onFound,
      });
      this.#take(afterLook(this.#known, found));
      this.#take(await file.write(this.#known));
    } catch (error) {
      // A disk that is full, a file that another window is just writing: what was found is there all the same.
      if (!signal.aborted) log.error('What was found of local servers could not be kept', error);
    }
  }

  /** Tells those who listen, where it amounts to something else. */
  #take(known: KnownServers): void {
    const isOn = this.#options.isOn();
    if (isOn === this.#isOn && isEqual(known, this.#known)) return;
    [this.#known, this.#isOn] = [known, isOn];
    this.#latest = foundServers(known, { places: this.#places, isOn });
    for (const listener of [...this.#listeners]) this.#tell(listener);
  }

  #tell(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.#options.log.error('A listener of the local servers failed', error);
    }
  }
}

function isEqual(a: KnownServers, b: KnownServers): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  const give = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', give, { once: true });
  try {
    await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', give);
  }
}
