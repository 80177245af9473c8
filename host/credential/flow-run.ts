import * as Schema from 'effect/Schema';
import { HostError } from '#shared/host-error.ts';
import type { Browser } from '../ports/browser.ts';
import { fill, type OAuthFlow } from './flow.ts';
import { answerTo, type Interaction, type SignInPage } from './interaction.ts';
import { type Client, malformed, plainWords, type Refusal, refusalIn, type Tokens } from './token-request.ts';
import { callWeb, safeURL, type Web } from './web-call.ts';

/** One sign-in under way. */
export interface FlowRun {
  readonly web: Web;
  readonly browser: Browser;
  readonly interaction: Interaction;
  /** The user's own client, from their configuration or from the sign-in before. */
  readonly client: Client | undefined;
  /** To the flow's questions. */
  readonly answers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** What a sign-in brought, and by whose client. */
export interface Grant {
  readonly client: Client;
  readonly tokens: Tokens;
}

/**
 * The client that a flow signs in with. Only a flow that goes through the browser can register one.
 * @throws HostError `credential.cancelled`, `credential.refused`
 */
export async function clientFor(
  flow: OAuthFlow,
  redirect: string | undefined,
  run: FlowRun,
): Promise<Client> {
  const source = flow.client;
  switch (source.type) {
    case 'published':
      return { id: source.id, ...(source.secret === undefined ? {} : { secret: source.secret }) };
    case 'registered':
      return register({ endpoint: fill(source.endpoint, run.answers), name: source.name, redirect }, run);
    case 'asked':
      return run.client ?? askForClient(source, run);
  }
}

/**
 * Shows where to sign in and opens it, until disposed. The opening is not waited for: an editor may ask the user first,
 * who may have gone there by themselves meanwhile.
 */
export function openPage(page: Omit<SignInPage, 'opened'>, { interaction, browser }: FlowRun): Disposable {
  let isShown = true;
  const tell = (opened: boolean): void => {
    if (isShown) interaction.show({ ...page, opened });
  };
  tell(false);
  // Where it cannot be opened, the address that is shown is the way.
  browser.open(page.address).then(tell, () => tell(false));
  return {
    [Symbol.dispose]() {
      isShown = false;
    },
  };
}

type AskedClient = Extract<OAuthFlow['client'], { type: 'asked' }>;

async function askForClient({ how, link, secret }: AskedClient, run: FlowRun): Promise<Client> {
  const id = await answerTo({ text: `The ID of your own client. ${how}`, secret: false, link }, run);
  if (secret === 'none') return { id };
  const text = 'The secret of that client, or nothing where it has none.';
  const its = await answerTo({ text, secret: true, optional: true }, run);
  return its === '' ? { id } : { id, secret: its };
}

interface Registration {
  readonly endpoint: string;
  readonly name: string;
  readonly redirect: string | undefined;
}

const decodeRegistered = Schema.decodeUnknownResult(Schema.Struct({ client_id: Schema.NonEmptyString }));

/** A public client for this sign-in (RFC 7591): nobody else's, and without a secret. */
async function register({ endpoint, name, redirect }: Registration, run: FlowRun): Promise<Client> {
  const { status, body } = await callWeb(
    {
      method: 'POST',
      address: endpoint,
      json: {
        client_name: name,
        redirect_uris: redirect === undefined ? [] : [redirect],
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
      },
    },
    run.web,
    run.signal,
  );
  const refused = refusalIn(body, []);
  if (refused !== undefined) throw refusal(endpoint, refused);
  const decoded = decodeRegistered(body);
  if (status >= 300 || decoded._tag === 'Failure') throw malformed(endpoint);
  return { id: decoded.success.client_id };
}

/** What a server's refusal means for the user. */
export function refusal(endpoint: string, { error, words }: Refusal): HostError {
  const said = plainWords(words, []);
  const { host } = safeURL(endpoint);
  if (denials.has(error)) {
    return new HostError(
      'credential.denied',
      `${host} says that the sign-in was denied. Nothing was changed.`,
      {
        data: { error },
      },
    );
  }
  return new HostError(
    'credential.refused',
    `${host} refused the sign-in (${error}${said === '' ? '' : `: ${said}`}). ${advice[error] ?? 'Try again, or use a key.'}`,
    { data: { error } },
  );
}

/** The second is Microsoft's word for it. */
const denials: ReadonlySet<string> = new Set(['access_denied', 'authorization_declined']);

const advice: Readonly<Partial<Record<string, string>>> = {
  invalid_client: 'Check the ID of your client, and whether it needs a secret.',
  unauthorized_client: 'Allow this kind of sign-in in the settings of your client.',
  invalid_scope: 'Allow these permissions in the settings of your client.',
  device_flow_disabled: 'Allow the device flow in the settings of your client.',
};
