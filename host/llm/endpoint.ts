/** Where a provider listens. `query` is added to every address. */
export type Endpoint = {
  readonly baseURL: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
};

export type Auth =
  | { readonly type: 'none' }
  | { readonly type: 'bearer'; readonly key: string }
  | { readonly type: 'header'; readonly name: string; readonly value: string }
  | TokenAuth;

/** A bearer token that runs out: asked for anew for each request. Getting and renewing it is its owner's affair. */
export type TokenAuth = {
  readonly type: 'token';
  /** Fails with what is wrong, in words for the user; on abort with `signal.reason`. */
  token(signal: AbortSignal): Promise<string>;
  /** The token that was given out last, so that it can be kept out of messages. */
  last(): string | undefined;
};
