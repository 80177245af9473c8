import { HostError, hasCode } from '#shared/host-error.ts';
import type { Log } from '../ports/log.ts';
import { type ExchangeOutcome, exchangeToken, type ShortToken } from './exchange.ts';
import { fill, type OAuthFlow } from './flow.ts';
import { refusal } from './flow-run.ts';
import { orAborted } from './interaction.ts';
import type { Stored, StoredState, StoredTokens } from './stored.ts';
import { requestTokens, type TokenOutcome } from './token-request.ts';
import type { Vault } from './vault.ts';
import type { Web } from './web-call.ts';

/** Tokens that are good for the next request, renewed when need be. */
export interface TokenSource {
  /** Fails in words for the user. @throws HostError `credential.signed-out` and those of a request */
  token(providerID: string, signal: AbortSignal): Promise<string>;
  /** What was given out last. */
  last(providerID: string): string | undefined;
  /** A token that a sign-in has fetched already. */
  prime(providerID: string, access: string, short: ShortToken): void;
  /** Second tokens, held now. */
  secrets(): readonly string[];
}

export interface TokenSourceOptions {
  readonly vault: Vault;
  readonly flowOf: (providerID: string, method: string) => OAuthFlow | undefined;
  readonly web: Web;
  readonly log: Log;
  /** Aborted when nobody will ask any more. */
  readonly closing: AbortSignal;
}

/** A token that runs out sooner than this is renewed first: the request still has to get there. */
const skewMs = 60_000;

/** What says that a refresh token is void. Those after the second are OpenAI's, GitHub's and Microsoft's words for it. */
const endings: ReadonlySet<string> = new Set([
  'invalid_grant',
  'invalid_token',
  'refresh_token_expired',
  'refresh_token_reused',
  'refresh_token_invalidated',
  'bad_refresh_token',
  'interaction_required',
]);

interface HeldShort extends ShortToken {
  /** Bought with this one. */
  readonly access: string;
}

/**
 * Renews only when a token is asked for: there is no timer. Callers in this process join one renewal per provider;
 * between windows it is done under a lock, on what is kept at that moment, so that a refresh token that the other has
 * used is never used again.
 */
export function createTokenSource(options: TokenSourceOptions): TokenSource {
  const { vault, web, closing } = options;
  const running = new Map<string, Promise<string>>();
  const shorts = new Map<string, HeldShort>();
  const given = new Map<string, string>();
  const isFresh = (expiresAt: number | undefined) =>
    expiresAt === undefined || web.clock.now() < expiresAt - skewMs;

  const exchangeFor = async (providerID: string, flow: OAuthFlow, stored: StoredTokens): Promise<string> => {
    const { exchange } = flow.use;
    if (exchange === undefined) return stored.access;
    const held = shorts.get(providerID);
    if (held?.access === stored.access && isFresh(held.expiresAt)) return held.token;
    const filled = { ...exchange, endpoint: fill(exchange.endpoint, stored.answers) };
    const outcome = await exchangeToken({ exchange: filled, access: stored.access }, web, closing);
    const { token, ...short } = shortOf(outcome) ?? (await endRefused(providerID, stored, options));
    shorts.set(providerID, { token, ...short, access: stored.access });
    if (short.baseURL !== undefined && short.baseURL !== stored.baseURL) {
      await keepAddress(providerID, short.baseURL, options);
    }
    return token;
  };
  const renew = async (providerID: string): Promise<string> => {
    const known = signedIn(providerID, vault.state(providerID));
    const flow = flowFor(providerID, known, options);
    const stored = isFresh(known.expiresAt) ? known : await refresh(providerID, { flow, isFresh }, options);
    return exchangeFor(providerID, flow, stored);
  };
  const join = (providerID: string): Promise<string> => {
    const current = running.get(providerID);
    if (current !== undefined) return current;
    const work = renew(providerID).finally(() => running.delete(providerID));
    // Those who asked may all have been aborted.
    work.catch(() => undefined);
    running.set(providerID, work);
    return work;
  };

  return {
    async token(providerID, signal) {
      signal.throwIfAborted();
      const state = vault.state(providerID);
      const token = state.type === 'key' ? state.key : await orAborted(join(providerID), signal);
      given.set(providerID, token);
      return token;
    },
    last: (providerID) => given.get(providerID),
    prime: (providerID, access, short) => void shorts.set(providerID, { ...short, access }),
    secrets: () => [...[...shorts.values()].map(({ token }) => token), ...given.values()],
  };
}

interface Refreshing {
  readonly flow: OAuthFlow;
  readonly isFresh: (expiresAt: number | undefined) => boolean;
}

async function refresh(
  providerID: string,
  { flow, isFresh }: Refreshing,
  options: TokenSourceOptions,
): Promise<StoredTokens> {
  const { vault, closing } = options;
  using _held = await vault.lock(providerID, closing);
  for (;;) {
    const stored = signedIn(providerID, await vault.reload(providerID));
    // Another window was here first.
    if (isFresh(stored.expiresAt)) return stored;
    if (stored.refresh === undefined) throw await end(providerID, { stored, reason: 'expired' }, options);
    const outcome = await ask(flow, stored, options);
    if (outcome === 'as-it-is') return stored;
    // Awaited here: the lock must not be let go of before the new token is kept.
    if (outcome.type === 'tokens') return await keep(providerID, renewed(stored, outcome), options);
    if (!endings.has(outcome.error)) throw refusal(fill(flow.tokenEndpoint, stored.answers), outcome);
    // Somebody who cannot see our lock, such as a window on another machine, may have used the refresh token.
    const now = signedIn(providerID, await vault.reload(providerID));
    if (now.refresh === stored.refresh) throw await end(providerID, { stored, reason: 'refused' }, options);
  }
}

/** `as-it-is`: the server cannot be reached, and the old token is good for some seconds yet. */
async function ask(
  flow: OAuthFlow,
  { answers, client, refresh: token = '', expiresAt = 0 }: StoredTokens,
  { web, closing }: TokenSourceOptions,
): Promise<TokenOutcome | 'as-it-is'> {
  const form = { grant_type: 'refresh_token', refresh_token: token };
  try {
    return await requestTokens({ endpoint: fill(flow.tokenEndpoint, answers), client, form }, web, closing);
  } catch (error) {
    if (hasCode(error, 'credential.unreachable') && web.clock.now() < expiresAt) return 'as-it-is';
    throw error;
  }
}

/** A server that names no new refresh token means the old one to stay (RFC 6749, 6). */
function renewed(stored: StoredTokens, { tokens }: Extract<TokenOutcome, { type: 'tokens' }>): StoredTokens {
  const { access, refresh: token = stored.refresh, expiresAt } = tokens;
  const { expiresAt: _, refresh: __, ...rest } = stored;
  return {
    ...rest,
    access,
    ...(token === undefined ? {} : { refresh: token }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

/** The old refresh token is used up: what cannot be kept is held, for as long as this window lives. */
async function keep(
  providerID: string,
  stored: StoredTokens,
  { vault, log }: TokenSourceOptions,
): Promise<StoredTokens> {
  try {
    await vault.keep(providerID, stored);
  } catch (error) {
    vault.hold(providerID, stored);
    log.error('A renewed sign-in could not be kept', error, { providerID });
  }
  return stored;
}

async function keepAddress(
  providerID: string,
  baseURL: string,
  { vault, closing }: TokenSourceOptions,
): Promise<void> {
  using _held = await vault.lock(providerID, closing);
  const now = await vault.reload(providerID);
  if (now.type === 'tokens') await vault.keep(providerID, { ...now, baseURL });
}

interface Ending {
  readonly stored: StoredTokens;
  readonly reason: 'expired' | 'refused';
}

/** Keeps that and why the user is signed out, under the lock. Returns what to throw. */
async function end(
  providerID: string,
  { stored, reason }: Ending,
  { vault, log }: TokenSourceOptions,
): Promise<HostError> {
  const { method, client, answers, account } = stored;
  const ended: Stored = {
    ...{ version: 1, type: 'ended', method, client: { id: client.id }, answers, reason },
    ...(account === undefined ? {} : { account }),
  };
  try {
    await vault.keep(providerID, ended);
  } catch (error) {
    vault.hold(providerID, ended);
    log.error('The end of a sign-in could not be kept', error, { providerID });
  }
  log.warn('A sign-in has ended', { providerID, reason });
  return signedOut(providerID, reason);
}

function shortOf(outcome: ExchangeOutcome): ShortToken | undefined {
  return outcome.type === 'token' ? outcome.token : undefined;
}

/** Unless another window has signed in anew meanwhile: then the next request goes with that. */
async function endRefused(
  providerID: string,
  used: StoredTokens,
  options: TokenSourceOptions,
): Promise<never> {
  using _held = await options.vault.lock(providerID, options.closing);
  const now = signedIn(providerID, await options.vault.reload(providerID));
  if (now.access === used.access) throw await end(providerID, { stored: now, reason: 'refused' }, options);
  throw new HostError('credential.changed', `The sign-in of ${providerID} was changed meanwhile. Try again.`);
}

function flowFor(providerID: string, { method }: StoredTokens, { flowOf }: TokenSourceOptions): OAuthFlow {
  const flow = flowOf(providerID, method);
  if (flow !== undefined) return flow;
  throw new HostError(
    'credential.unknown-method',
    `${providerID} was signed in to by “${method}”, which this version does not know. Sign in again.`,
    { data: { providerID, method } },
  );
}

/** @throws HostError `credential.signed-out` */
function signedIn(providerID: string, state: StoredState): StoredTokens {
  switch (state.type) {
    case 'tokens':
      return state;
    case 'ended':
      throw signedOut(providerID, state.reason);
    case 'unreadable':
      throw signedOut(providerID, state.reason);
    case 'key':
    case 'absent':
      throw signedOut(providerID, 'absent');
  }
}

export type SignedOutReason = 'expired' | 'refused' | 'damaged' | 'newer' | 'storage' | 'absent';

/** Why a request cannot be made, and what to do. */
export function signedOut(providerID: string, reason: SignedOutReason): HostError {
  return new HostError('credential.signed-out', `${signedOutWords(providerID, reason)} Sign in again.`, {
    data: { providerID, reason },
  });
}

export function signedOutWords(providerID: string, reason: SignedOutReason): string {
  switch (reason) {
    case 'expired':
      return `Your sign-in at ${providerID} has run out.`;
    case 'refused':
      return `${providerID} does not accept your sign-in any more.`;
    case 'damaged':
      return `What is kept of your sign-in at ${providerID} is damaged.`;
    case 'newer':
      return `Your sign-in at ${providerID} was kept by a newer Millrace: update this one.`;
    case 'storage':
      return `Your sign-in at ${providerID} could not be read from where secrets are kept.`;
    case 'absent':
      return `You are not signed in at ${providerID}.`;
  }
}
