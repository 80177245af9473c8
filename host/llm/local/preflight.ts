import type { Clock } from '../clock.ts';
import type { Fetch } from '../framing/exchange.ts';
import { type Ask, askAt } from './ask.ts';
import { nearest } from './nearest.ts';
import {
  type Listing,
  type LocalModel,
  type LocalServerKind,
  listOpenAI,
  servers,
  type Unlisted,
} from './servers.ts';
import { showModel } from './show-model.ts';

export type PreflightOptions = {
  readonly baseURL: string;
  readonly model: string;
  /** Default: what the address and the answers tell. */
  readonly kind?: LocalServerKind;
  /** What a turn on the model sends along as well, such as a key. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly fetch?: Fetch;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** For each question to the server. Default 5,000 ms. */
  readonly timeoutMs?: number;
  /** Tokens below which an agent has too little room. Default 16,384. */
  readonly floorTokens?: number;
};

type About = { readonly kind: LocalServerKind; readonly baseURL: string; readonly model: string };

/** One thing that is not as it has to be. `blocks`: no answer will come; `advises`: it will, but not a good one. */
export type Finding = About &
  (
    | { readonly type: 'not-an-address'; readonly weight: 'blocks' }
    | { readonly type: 'unreachable'; readonly weight: 'blocks' }
    | { readonly type: 'refused'; readonly weight: 'blocks'; readonly status: number }
    /** Something else listens there. */
    | { readonly type: 'no-models'; readonly weight: 'blocks' }
    /** The server is there, its chat completions are at `right`. */
    | { readonly type: 'wrong-path'; readonly weight: 'blocks'; readonly right: string }
    | {
        readonly type: 'model-missing';
        readonly weight: 'blocks';
        readonly present: readonly string[];
        readonly nearest: string | null;
      }
    /** `by`: what the server gives it, or what the model can take at most. */
    | {
        readonly type: 'context-small';
        readonly weight: 'advises';
        readonly by: 'server' | 'model';
        readonly tokens: number;
        readonly floorTokens: number;
      }
    /** The model is not loaded, and its server is one that gives little unless told otherwise. */
    | { readonly type: 'context-unknown'; readonly weight: 'advises'; readonly floorTokens: number }
    | { readonly type: 'no-tools'; readonly weight: 'advises' }
  );

/**
 * What stands between a user and a local model, as data; `findingWords` has the words. Empty if nothing does. Throws
 * `signal.reason` on abort, and nothing else.
 */
export async function preflight(options: PreflightOptions): Promise<readonly Finding[]> {
  const { baseURL, model, floorTokens = 16_384, timeoutMs = 5000 } = options;
  const guess = options.kind ?? kindAt(baseURL);
  const about = { kind: guess, baseURL, model };
  if (!URL.canParse(baseURL)) return [{ ...about, type: 'not-an-address', weight: 'blocks' }];
  const { origin, pathname } = new URL(baseURL);
  const path = pathname.replace(trailingSlashes, '');
  const ask = askAt(origin, { ...options, timeoutMs });
  const { listing, right } = await look(ask, guess, path);
  if (!('models' in listing)) return [unanswered(listing, about)];
  const known = { ...about, kind: options.kind ?? listing.kind };
  if (path !== right) return [{ ...known, type: 'wrong-path', weight: 'blocks', right: `${origin}${right}` }];
  const found = listing.models.find(({ id }) => isSame(id, model));
  if (found === undefined) return [missing(listing.models, known)];
  const whole = known.kind === 'ollama' ? { ...(await showModel(ask, found.id)), ...found } : found;
  return [...contextFindings(whole, known, floorTokens), ...toolFindings(whole, known)];
}

const trailingSlashes = /\/+$/;

/** A server is guessed by the port that is its own. */
function kindAt(baseURL: string): LocalServerKind {
  const { port = '', pathname = '' } = URL.canParse(baseURL) ? new URL(baseURL) : {};
  if (pathname.startsWith(servers['docker-model-runner'].path)) return 'docker-model-runner';
  // Many programs listen at 8080 and 8000: those are known by what they answer.
  const sure = ['ollama', 'lm-studio', 'docker-model-runner'] as const;
  return sure.find((kind) => `${servers[kind].port}` === port) ?? 'other';
}

type Looked = { readonly listing: Listing | Unlisted; readonly right: string };

/** The models, and the path below which chats are answered. A server that says what it is is asked in its own way. */
async function look(ask: Ask, kind: LocalServerKind, path: string): Promise<Looked> {
  if (kind !== 'other') return { listing: await servers[kind].list(ask), right: servers[kind].path };
  const listing = await listOpenAI(ask, path);
  if ('models' in listing) {
    const own = listing.kind === 'other' ? listing : await servers[listing.kind].list(ask);
    return { listing: 'models' in own ? own : listing, right: path };
  }
  const usual = path === usualPath ? listing : await listOpenAI(ask, usualPath);
  return 'models' in usual ? { listing: usual, right: usualPath } : { listing, right: path };
}

const usualPath = '/v1';

function unanswered(answer: Unlisted, about: About): Finding {
  if (answer.type === 'refused' && answer.status !== 404)
    return { ...about, type: 'refused', weight: 'blocks', status: answer.status };
  return { ...about, type: answer.type === 'unreachable' ? 'unreachable' : 'no-models', weight: 'blocks' };
}

/** Ollama's tag is `latest` where none is said. */
function isSame(id: string, model: string): boolean {
  return id === model || id === `${model}:latest`;
}

function missing(models: readonly LocalModel[], about: About): Finding {
  const present = models.map(({ id }) => id);
  const near = nearest(about.model, present) ?? null;
  return { ...about, type: 'model-missing', weight: 'blocks', present, nearest: near };
}

/** What is loaded only when it is asked for, and then with little room: 4,096 tokens. */
const sparing: ReadonlySet<LocalServerKind> = new Set(['ollama', 'lm-studio', 'docker-model-runner']);

function contextFindings(model: LocalModel, about: About, floorTokens: number): readonly Finding[] {
  const { contextTokens, maxContextTokens } = model;
  const small = (by: 'server' | 'model', tokens: number): readonly Finding[] => [
    { ...about, type: 'context-small', weight: 'advises', by, tokens, floorTokens },
  ];
  if (maxContextTokens !== undefined && maxContextTokens < floorTokens)
    return small('model', maxContextTokens);
  if (contextTokens !== undefined) return contextTokens < floorTokens ? small('server', contextTokens) : [];
  if (!sparing.has(about.kind)) return [];
  return [{ ...about, type: 'context-unknown', weight: 'advises', floorTokens }];
}

function toolFindings({ tools }: LocalModel, about: About): readonly Finding[] {
  return tools === false ? [{ ...about, type: 'no-tools', weight: 'advises' }] : [];
}
