import type { Clock } from '../clock.ts';
import type { Fetch } from '../framing/exchange.ts';
import { type Ask, askAt } from './ask.ts';
import { isLoopback } from './loopback.ts';
import { type LocalModel, type LocalServerKind, servers } from './servers.ts';
import { showModel } from './show-model.ts';

/** A local server that was found. */
export type LocalServer = {
  readonly kind: LocalServerKind;
  /** For `openaiCompatible`. */
  readonly baseURL: string;
  readonly models: readonly LocalModel[];
};

export type ProbeOptions = {
  readonly fetch?: Fetch;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** For each question to a server. Default 1,500 ms. */
  readonly timeoutMs?: number;
  /** What the environment says in `OLLAMA_HOST`, if it does. */
  readonly ollamaHost?: string | undefined;
  /** Where to look instead of at the default ports. */
  readonly places?: readonly Place[];
  /** Is told of each server as soon as it is found. */
  readonly onFound?: (server: LocalServer) => void;
};

export type Place = { readonly kind: Exclude<LocalServerKind, 'other'>; readonly origin: string };

/**
 * Looks for model servers on this machine, at all places at once. Nobody need wait for it: whatever does not answer in
 * time is not there. Only loopback addresses are asked, and no redirect leads away from them. Resolves when all places
 * were asked; throws `signal.reason` on abort, and nothing else.
 */
export async function probeLocalServers(options: ProbeOptions): Promise<readonly LocalServer[]> {
  const { places = defaultPlaces(options.ollamaHost) } = options;
  const looked = places.filter(({ origin }) => isLoopback(origin)).map((place) => look(place, options));
  return (await Promise.all(looked)).filter((server) => server !== null);
}

async function look({ kind, origin }: Place, options: ProbeOptions): Promise<LocalServer | null> {
  const { fetch, signal, clock, timeoutMs = 1500, onFound } = options;
  const { list, path } = servers[kind];
  const ask = askAt(origin, { fetch, signal, clock, timeoutMs });
  const found = await list(ask);
  signal.throwIfAborted();
  if (!('models' in found)) return null;
  const models = found.kind === 'ollama' ? await shown(ask, found.models) : found.models;
  signal.throwIfAborted();
  const server = { kind: found.kind, baseURL: `${origin}${path}`, models };
  onFound?.(server);
  return server;
}

/** Of more models than that, Ollama is not asked for what each can do. */
const mostShown = 32;

/** With what Ollama tells of each alone, and without those that do not chat. */
async function shown(ask: Ask, models: readonly LocalModel[]): Promise<readonly LocalModel[]> {
  const looks = models.slice(0, mostShown).map(async (model) => {
    const { chats = true, ...facts } = await showModel(ask, model.id);
    return chats ? [{ ...facts, ...model }] : [];
  });
  return [...(await Promise.all(looks)).flat(), ...models.slice(mostShown)];
}

/** Where to look, if nobody says otherwise. */
export function defaultPlaces(ollamaHost: string | undefined): readonly Place[] {
  const kinds = Object.keys(servers) as Place['kind'][]; // the keys of a literal
  return kinds.map((kind) => {
    const named = kind === 'ollama' ? ollamaOrigin(ollamaHost) : undefined;
    return { kind, origin: named ?? `http://127.0.0.1:${servers[kind].port}` };
  });
}

const scheme = /^(https?):\/\//i;
const quotes = /^["'\s]+|["'\s]+$/g;
const anyAddress: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['[::]', '[::1]'],
]);

/**
 * Where Ollama listens by its environment variable: scheme and port may be left out, and an address that stands for all
 * is reached by the loopback one. Undefined for what is no address. Source: https://docs.ollama.com/faq
 */
export function ollamaOrigin(host: string | undefined): string | undefined {
  const text = host?.replaceAll(quotes, '') ?? '';
  if (text === '') return undefined;
  const rest = text.replace(scheme, '');
  const given = scheme.exec(text)?.[1]?.toLowerCase();
  const address = `${given ?? 'http'}://${rest.startsWith(':') ? `127.0.0.1${rest}` : rest}`;
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  const port = url.port === '' && given === undefined ? `${servers.ollama.port}` : url.port;
  return `${url.protocol}//${anyAddress.get(url.hostname) ?? url.hostname}${port === '' ? '' : `:${port}`}`;
}
