/**
 * One way to sign in at a provider, as data: what an engine has to know and nothing of how it does it. Texts in braces,
 * such as `{account}`, are the answers to the flow's questions.
 */
export type Flow = KeyFlow | OAuthFlow;
export type OAuthFlow = BrowserFlow | DeviceFlow;

interface FlowFacts {
  readonly providerID: string;
  /** Names the method among those of its provider; kept with what it brought. */
  readonly method: string;
  /** For people, beside the provider's name. */
  readonly name: string;
  /** Where the facts of this description stand. */
  readonly sources: readonly string[];
}

/** A key that the user makes and pastes. */
export interface KeyFlow extends FlowFacts {
  readonly type: 'key';
  /** Where keys are made. */
  readonly link: string;
  /** Variables of the environment that hold such a key. */
  readonly variables: readonly string[];
}

interface OAuthFacts extends FlowFacts {
  /** Whether somebody has signed in at the service itself in this way; else it follows documents alone. */
  readonly verified: boolean;
  /** What the user has to know before. */
  readonly remark?: string;
  readonly questions?: readonly Question[];
  readonly client: ClientSource;
  readonly scopes: readonly string[];
  /** Where codes and refresh tokens become access tokens. */
  readonly tokenEndpoint: string;
  /** RFC 7009; the form is the standard's, and some take JSON instead. */
  readonly revoke?: { readonly endpoint: string; readonly body: 'form' | 'json' };
  readonly use: TokenUse;
}

/** Authorization code with PKCE, in the browser, back to a port of this machine (RFC 7636, RFC 8252). */
export interface BrowserFlow extends OAuthFacts {
  readonly type: 'browser';
  readonly authorizeEndpoint: string;
  /** What the authorization request carries besides what the standard names. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Without a port any free one: the service takes loopback addresses whatever their port. */
  readonly redirect: {
    readonly host: 'localhost' | '127.0.0.1';
    readonly port?: number;
    readonly path: string;
  };
  /** What an `iss` in the answer must be (RFC 9207). */
  readonly issuer?: string;
}

/** A code that is entered on a page, on whatever machine (RFC 8628). */
export interface DeviceFlow extends OAuthFacts {
  readonly type: 'device';
  readonly deviceEndpoint: string;
}

/** Whose client signs in. A client that belongs to another product is never used. */
export type ClientSource =
  /** The service publishes it for any local application. */
  | { readonly type: 'published'; readonly id: string; readonly secret?: string }
  /** Made anew at each sign-in, as a public client (RFC 7591). */
  | { readonly type: 'registered'; readonly endpoint: string; readonly name: string }
  /** The user's own: from their configuration, or asked for. */
  | {
      readonly type: 'asked';
      readonly how: string;
      readonly link: string;
      readonly secret: 'none' | 'optional';
    };

/** Something that the addresses depend on. */
export interface Question {
  readonly name: string;
  readonly text: string;
  /** Matches whole answers; what goes into a host name must not name another host. */
  readonly pattern: RegExp;
  readonly example: string;
  /** A variable of the environment that answers it. */
  readonly variable?: string;
}

/** What a request to a model is given, besides the access token as a bearer. */
export interface TokenUse {
  readonly baseURL?: string;
  readonly headers?: Readonly<Record<string, HeaderSource>>;
  /** Where the name of the account stands in the ID token. */
  readonly account?: readonly string[];
  readonly exchange?: Exchange;
}

export type HeaderSource =
  | { readonly type: 'text'; readonly text: string }
  /** A path into the claims of the ID token, else of the access token. */
  | { readonly type: 'claim'; readonly path: readonly string[] };

/** The access token buys a second one, which lives for minutes; its answer may name the address to use. */
export interface Exchange {
  readonly endpoint: string;
  /** What stands before the access token in the `authorization` header. */
  readonly scheme: 'token' | 'Bearer';
  readonly headers?: Readonly<Record<string, string>>;
  readonly tokenPath: readonly string[];
  /** Seconds since the epoch. */
  readonly expiryPath: readonly string[];
  readonly baseURL?: {
    readonly path: readonly string[];
    /** The token goes to this domain and those below it, and nowhere else. */
    readonly domain: string;
  };
}

/** A text of a flow with the answers in it. */
export function fill(text: string, answers: Readonly<Record<string, string>>): string {
  return text.replace(placeholder, (_, name: string) => {
    const answer = Object.hasOwn(answers, name) ? answers[name] : undefined;
    if (answer === undefined) throw new Error(`A flow names {${name}} and does not ask for it.`);
    return answer;
  });
}

const placeholder = /\{(\w+)\}/g;
