import * as Schema from 'effect/Schema';
import type { Log } from '../ports/log.ts';
import type { Secrets } from '../ports/secrets.ts';
import { readStored, type Stored, type StoredState, secretsIn } from './stored.ts';

/** What is kept for all providers, held in memory and followed as other windows change it. */
export interface Vault extends AsyncDisposable {
  /** From memory. */
  state(providerID: string): StoredState;
  /** For which something is kept, now or when it was opened. */
  providers(): readonly string[];
  /** What is kept right now. */
  reload(providerID: string): Promise<StoredState>;
  keep(providerID: string, stored: Stored): Promise<void>;
  /** Holds what could not be kept, in memory alone, until something else is kept in its place. */
  hold(providerID: string, stored: Stored): void;
  drop(providerID: string): Promise<void>;
  /** Around what reads, asks a server and writes: one window at a time. */
  lock(providerID: string, signal: AbortSignal): Promise<Disposable>;
  onChange(listener: (providerID: string) => void): Disposable;
  /** Every secret that is or was held here. */
  secrets(): readonly string[];
}

export interface VaultOptions {
  readonly secrets: Secrets;
  readonly log: Log;
  /** Looked for besides those that the index names. */
  readonly providerIDs: readonly string[];
}

const prefix = 'credential.';
/** The storage of an editor cannot be listed. */
const indexName = 'credential-index';
/** Those that were replaced stay valid for a while, and may stand in what is logged late. */
const maxPast = 100;

const decodeIndex = Schema.decodeUnknownResult(Schema.fromJsonString(Schema.Array(Schema.String)));

export async function openVault(options: VaultOptions): Promise<Vault> {
  const vault = new StoredCredentials(options);
  await vault.load(options.providerIDs);
  return vault;
}

interface Entry {
  readonly text: string | undefined;
  readonly state: StoredState;
}

class StoredCredentials implements Vault {
  readonly #secrets: Secrets;
  readonly #log: Log;
  readonly #entries = new Map<string, Entry>();
  /** What is in memory although `over` is still what is kept. */
  readonly #unkept = new Map<string, { readonly over: string | undefined; readonly entry: Entry }>();
  /** Counts reads and writes, and which of them memory shows: what comes in after a later one is not put there. */
  readonly #turns = new Map<string, { last: number; shown: number }>();
  readonly #listeners = new Set<(providerID: string) => void>();
  readonly #reading = new Set<Promise<unknown>>();
  readonly #subscription: Disposable;
  #past: readonly string[] = [];

  constructor({ secrets, log }: VaultOptions) {
    this.#secrets = secrets;
    this.#log = log;
    // Before the first read, so that nothing is missed in between.
    this.#subscription = secrets.onDidChange((key) => this.#follow(key));
  }

  async load(providerIDs: readonly string[]): Promise<void> {
    const known = [...new Set([...providerIDs, ...(await this.#index())])];
    await Promise.all(known.map((id) => this.reload(id)));
  }

  state(providerID: string): StoredState {
    return this.#entries.get(providerID)?.state ?? { type: 'absent' };
  }

  providers(): readonly string[] {
    return [...this.#entries].filter(([, { state }]) => state.type !== 'absent').map(([id]) => id);
  }

  async reload(providerID: string): Promise<StoredState> {
    const turn = this.#nextTurn(providerID);
    const entry = await this.#read(providerID);
    this.#remember(providerID, entry, turn);
    return entry.state;
  }

  async keep(providerID: string, stored: Stored): Promise<void> {
    const text = JSON.stringify(stored);
    await this.#changeIndex((ids) => (ids.includes(providerID) ? ids : [...ids, providerID]));
    await this.#secrets.set(prefix + providerID, text);
    this.#unkept.delete(providerID);
    this.#remember(providerID, { text, state: stored }, this.#nextTurn(providerID));
  }

  hold(providerID: string, stored: Stored): void {
    const over = this.#unkept.get(providerID)?.over ?? this.#entries.get(providerID)?.text;
    const entry: Entry = { text: JSON.stringify(stored), state: stored };
    this.#unkept.set(providerID, { over, entry });
    this.#remember(providerID, entry, this.#nextTurn(providerID));
  }

  async drop(providerID: string): Promise<void> {
    await this.#secrets.delete(prefix + providerID);
    this.#unkept.delete(providerID);
    const gone: Entry = { text: undefined, state: { type: 'absent' } };
    this.#remember(providerID, gone, this.#nextTurn(providerID));
    await this.#changeIndex((ids) => ids.filter((id) => id !== providerID));
  }

  lock(providerID: string, signal: AbortSignal): Promise<Disposable> {
    return this.#secrets.lock(prefix + providerID, signal);
  }

  onChange(listener: (providerID: string) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  secrets(): readonly string[] {
    const held = [...this.#entries.values()].flatMap(({ state }) => secretsIn(state));
    return [...new Set([...held, ...this.#past])];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#subscription[Symbol.dispose]();
    this.#listeners.clear();
    await Promise.all(this.#reading);
  }

  #follow(key: string): void {
    if (!key.startsWith(prefix)) return;
    const reading = this.reload(key.slice(prefix.length)).finally(() => this.#reading.delete(reading));
    this.#reading.add(reading);
  }

  async #read(providerID: string): Promise<Entry> {
    try {
      const text = await this.#secrets.get(prefix + providerID);
      const unkept = this.#unkept.get(providerID);
      return unkept !== undefined && unkept.over === text ? unkept.entry : { text, state: readStored(text) };
    } catch (error) {
      // A key ring that is locked, a file that is damaged: nothing can be said of this sign-in, and others go on.
      this.#log.error('A stored sign-in could not be read', error, { providerID });
      return { text: undefined, state: { type: 'unreadable', reason: 'storage' } };
    }
  }

  #nextTurn(providerID: string): number {
    const turns = this.#turns.get(providerID) ?? { last: 0, shown: 0 };
    this.#turns.set(providerID, { ...turns, last: turns.last + 1 });
    return turns.last + 1;
  }

  #remember(providerID: string, entry: Entry, turn: number): void {
    const turns = this.#turns.get(providerID) ?? { last: turn, shown: 0 };
    if (turn < turns.shown) return;
    this.#turns.set(providerID, { ...turns, shown: turn });
    const before = this.#entries.get(providerID);
    this.#entries.set(providerID, entry);
    if (before?.text === entry.text && before?.state.type === entry.state.type) return;
    const gone = before === undefined ? [] : secretsIn(before.state);
    this.#past = [...new Set([...gone, ...this.#past])].slice(0, maxPast);
    for (const listener of [...this.#listeners]) listener(providerID);
  }

  async #index(): Promise<readonly string[]> {
    try {
      const text = await this.#secrets.get(indexName);
      const decoded = decodeIndex(text ?? '[]');
      return decoded._tag === 'Success' ? decoded.success : [];
    } catch (error) {
      this.#log.error('The list of stored sign-ins could not be read', error);
      return [];
    }
  }

  async #changeIndex(update: (ids: readonly string[]) => readonly string[]): Promise<void> {
    using _held = await this.#secrets.lock(indexName, new AbortController().signal);
    const ids = await this.#index();
    const updated = update(ids);
    if (updated.length !== ids.length) await this.#secrets.set(indexName, JSON.stringify(updated));
  }
}
