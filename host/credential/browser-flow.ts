import { createHash, randomBytes } from 'node:crypto';
import { HostError } from '#shared/host-error.ts';
import { type Browser, isLoopback } from '../ports/browser.ts';
import { awaitCallback, type CallbackAnswer } from './callback.ts';
import { type BrowserFlow, fill } from './flow.ts';
import { clientFor, type FlowRun, type Grant, openPage, refusal } from './flow-run.ts';
import { orAborted } from './interaction.ts';
import { type Client, requestTokens } from './token-request.ts';
import { safeURL } from './web-call.ts';

/**
 * Signs in with the browser: authorization code, PKCE with S256, a state of 256 bits, back to a loopback port.
 * @throws HostError `credential.*`
 */
export async function signInByBrowser(flow: BrowserFlow, run: FlowRun): Promise<Grant> {
  const { web, signal } = run;
  const [state, verifier] = [randomText(), randomText()];
  await using callback = await awaitCallback({
    port: flow.redirect.port,
    path: flow.redirect.path,
    state,
    clock: web.clock,
  });
  const redirect = await orAborted(reachable(flow, callback.port, run.browser), signal);
  const client = await clientFor(flow, redirect, run);
  const address = authorization(flow, { client, redirect, state, verifier, answers: run.answers });
  using _page = openPage({ address }, run);
  const answer = await callback.answer(signal);
  signal.throwIfAborted();
  const outcome = await requestTokens(
    {
      endpoint: fill(flow.tokenEndpoint, run.answers),
      client,
      form: {
        grant_type: 'authorization_code',
        code: codeIn(answer, flow),
        redirect_uri: redirect,
        code_verifier: verifier,
      },
    },
    web,
    signal,
  );
  if (outcome.type === 'refused') throw refusal(fill(flow.tokenEndpoint, run.answers), outcome);
  return { client, tokens: outcome.tokens };
}

/** 256 bits, in letters that need no encoding; as a PKCE verifier 43 of them, which is the shortest allowed. */
function randomText(): string {
  return randomBytes(32).toString('base64url');
}

/** The address that the browser comes back to. A browser elsewhere reaches it through the editor's tunnel, or not at all. */
async function reachable({ redirect }: BrowserFlow, port: number, browser: Browser): Promise<string> {
  const external = new URL(await browser.asExternal(`http://127.0.0.1:${port}${redirect.path}`));
  const isSame = external.protocol === 'http:' && isLoopback(external.hostname);
  if (!isSame || (redirect.port !== undefined && external.port !== String(redirect.port))) {
    throw new HostError(
      'credential.browser-elsewhere',
      'Your browser runs on another machine and cannot come back to this one. Sign in with a code or a key instead.',
    );
  }
  return `http://${redirect.host}:${external.port}${redirect.path}`;
}

interface Authorization {
  readonly client: Client;
  readonly redirect: string;
  readonly state: string;
  readonly verifier: string;
  readonly answers: Readonly<Record<string, string>>;
}

function authorization(
  flow: BrowserFlow,
  { client, redirect, state, verifier, answers }: Authorization,
): string {
  const url = safeURL(fill(flow.authorizeEndpoint, answers));
  const scope = flow.scopes.map((each) => fill(each, answers)).join(' ');
  const parameters = {
    ...flow.parameters,
    response_type: 'code',
    client_id: client.id,
    redirect_uri: redirect,
    ...(scope === '' ? {} : { scope }),
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

function codeIn(answer: CallbackAnswer, flow: BrowserFlow): string {
  if (answer.type === 'refused') {
    throw refusal(flow.authorizeEndpoint, { type: 'refused', error: answer.error, words: answer.words });
  }
  if (flow.issuer === undefined || answer.issuer === undefined || answer.issuer === flow.issuer)
    return answer.code;
  throw new HostError(
    'credential.issuer-mismatch',
    'The answer in the browser came from another authorization server than the one that was asked. Nothing was signed in.',
  );
}
