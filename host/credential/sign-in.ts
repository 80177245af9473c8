import { HostError } from '#shared/host-error.ts';
import type { Browser } from '../ports/browser.ts';
import type { Environment } from '../ports/environment.ts';
import { textAt } from './claims.ts';
import { exchangeToken } from './exchange.ts';
import { type Flow, fill, type HeaderSource, type KeyFlow, type OAuthFlow, type Question } from './flow.ts';
import type { Grant } from './flow-run.ts';
import { answerTo, type Interaction } from './interaction.ts';
import { signInWith } from './oauth.ts';
import type { StoredState, StoredTokens } from './stored.ts';
import type { Client } from './token-request.ts';
import type { TokenSource } from './token-source.ts';
import type { Vault } from './vault.ts';
import type { Web } from './web-call.ts';

export interface SignInOptions {
  readonly signal: AbortSignal;
  readonly interaction: Interaction;
  /** The user's own client, from their own configuration: never from a project's. */
  readonly client?: Client;
  /** The user's answers to the flow's questions, from there too. */
  readonly answers?: Readonly<Record<string, string>>;
}

interface SignInWorld extends SignInOptions {
  readonly vault: Vault;
  readonly tokens: TokenSource;
  readonly web: Web;
  readonly environment: Environment;
  readonly browser: Browser;
}

/** Goes through a flow and keeps what it brings, in the place of what was kept. */
export async function signIn(flow: Flow, world: SignInWorld): Promise<void> {
  if (flow.type === 'key') return keepKey(flow, world);
  const { providerID } = flow;
  const before = world.vault.state(providerID);
  const answers = await answersTo(flow, before, world);
  const client = world.client ?? clientBefore(flow, before);
  const grant = await signInWith(flow, { ...world, client, answers });
  const stored = await entitled(flow, storedTokens(flow, grant, answers), world);
  world.signal.throwIfAborted();
  using _held = await world.vault.lock(providerID, world.signal);
  await world.vault.keep(providerID, stored);
}

async function keepKey({ providerID, method, name, link }: KeyFlow, world: SignInWorld): Promise<void> {
  const text = `${name} for ${providerID}`;
  const key = await answerTo({ text, secret: true, ...(link === '' ? {} : { link }) }, world);
  if (!keyForm.test(key)) {
    throw new HostError(
      'credential.answer',
      'A key is one piece of letters, digits and signs. Copy it anew.',
    );
  }
  using _held = await world.vault.lock(providerID, world.signal);
  await world.vault.keep(providerID, { version: 1, type: 'key', method, key });
}

/** What may stand in a header. */
const keyForm = /^[\x21-\x7e]+$/;

async function answersTo(
  { method, questions = [] }: OAuthFlow,
  before: StoredState,
  world: SignInWorld,
): Promise<Readonly<Record<string, string>>> {
  const earlier = isOf(before, method) ? before.answers : {};
  const answers: Record<string, string> = {};
  for (const question of questions) {
    const known =
      world.answers?.[question.name] ?? earlier[question.name] ?? variableOf(question, world.environment);
    answers[question.name] = checked(
      question,
      known ?? (await answerTo({ ...question, secret: false }, world)),
    );
  }
  return answers;
}

function isOf(state: StoredState, method: string): state is Extract<StoredState, { answers: object }> {
  return (state.type === 'tokens' || state.type === 'ended') && state.method === method;
}

function variableOf({ variable }: Question, environment: Environment): string | undefined {
  return variable === undefined ? undefined : environment.variable(variable) || undefined;
}

function checked({ pattern, example, text }: Question, answer: string): string {
  if (pattern.test(answer)) return answer;
  throw new HostError('credential.answer', `That does not answer “${text}”. An example: ${example}`);
}

/** The one that the user named last time; of a sign-in that has ended its secret is gone. */
function clientBefore({ method, client }: OAuthFlow, before: StoredState): Client | undefined {
  if (client.type !== 'asked' || !isOf(before, method)) return undefined;
  return before.type === 'ended' && client.secret === 'optional' ? undefined : before.client;
}

function storedTokens(
  { method, use }: OAuthFlow,
  { client, tokens }: Grant,
  answers: Readonly<Record<string, string>>,
): StoredTokens {
  const account = use.account && textAt(tokens.claims, use.account);
  const headers = Object.entries(use.headers ?? {}).flatMap(([name, source]) => {
    const value = headerValue(source, tokens.claims);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...{ version: 1, type: 'tokens', method, client, answers, access: tokens.access },
    ...(tokens.refresh === undefined ? {} : { refresh: tokens.refresh }),
    ...(tokens.expiresAt === undefined ? {} : { expiresAt: tokens.expiresAt }),
    ...(account === undefined ? {} : { account }),
    headers: Object.fromEntries(headers),
    ...(use.baseURL === undefined ? {} : { baseURL: fill(use.baseURL, answers) }),
  };
}

function headerValue(source: HeaderSource, claims: unknown): string | undefined {
  return source.type === 'text' ? source.text : textAt(claims, source.path);
}

/** Where a second token is needed, whether there is one for this user shows now and not with the first prompt. */
async function entitled(
  { providerID, use }: OAuthFlow,
  stored: StoredTokens,
  world: SignInWorld,
): Promise<StoredTokens> {
  if (use.exchange === undefined) return stored;
  const exchange = { ...use.exchange, endpoint: fill(use.exchange.endpoint, stored.answers) };
  const outcome = await exchangeToken({ exchange, access: stored.access }, world.web, world.signal);
  if (outcome.type === 'ended') {
    throw new HostError(
      'credential.refused',
      `${providerID} does not take the token that the sign-in brought.`,
    );
  }
  const { token } = outcome;
  world.tokens.prime(providerID, stored.access, token);
  return { ...stored, ...(token.baseURL === undefined ? {} : { baseURL: token.baseURL }) };
}
