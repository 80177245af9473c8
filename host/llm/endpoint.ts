/** Where a provider listens. `query` is added to every address. */
export type Endpoint = {
  readonly baseURL: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
};

export type Auth =
  | { readonly type: 'none' }
  | { readonly type: 'bearer'; readonly key: string }
  | { readonly type: 'header'; readonly name: string; readonly value: string };
