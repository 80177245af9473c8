import * as Schema from 'effect/Schema';

const facts = {
  version: Schema.Literal(1),
  /** Of the provider's flows the one that brought it. */
  method: Schema.String,
};
const StoredClient = Schema.Struct({ id: Schema.String, secret: Schema.optionalKey(Schema.String) });

const StoredKey = Schema.Struct({ ...facts, type: Schema.Literal('key'), key: Schema.NonEmptyString });

const StoredTokens = Schema.Struct({
  ...facts,
  type: Schema.Literal('tokens'),
  client: StoredClient,
  answers: Schema.Record(Schema.String, Schema.String),
  access: Schema.NonEmptyString,
  refresh: Schema.optionalKey(Schema.String),
  /** Milliseconds since the epoch. */
  expiresAt: Schema.optionalKey(Schema.Int),
  account: Schema.optionalKey(Schema.String),
  headers: Schema.Record(Schema.String, Schema.String),
  baseURL: Schema.optionalKey(Schema.String),
});

/** Signed out by the server: kept so that every window and the next start say why. It holds no secret of the user. */
const StoredEnd = Schema.Struct({
  ...facts,
  type: Schema.Literal('ended'),
  client: Schema.Struct({ id: Schema.String }),
  answers: Schema.Record(Schema.String, Schema.String),
  account: Schema.optionalKey(Schema.String),
  /** `expired`: it ran out and nothing renews it. `refused`: the server takes it no more. */
  reason: Schema.Literals(['expired', 'refused']),
});

const Stored = Schema.Union([StoredKey, StoredTokens, StoredEnd]);
/** What is kept for one provider, under `credential.<providerID>`. */
export type Stored = typeof Stored.Type;
export type StoredTokens = typeof StoredTokens.Type;

export type StoredState =
  | Stored
  | { readonly type: 'absent' }
  /** Left as it is until the user signs in again. `newer`: of a Millrace after this one. */
  | { readonly type: 'unreadable'; readonly reason: 'damaged' | 'newer' | 'storage' };

const decodeStored = Schema.decodeUnknownResult(Schema.fromJsonString(Stored));
const decodeVersion = Schema.decodeUnknownResult(
  Schema.fromJsonString(Schema.Struct({ version: Schema.Int })),
);

/** What a kept text says; the failure of a decoder would quote it. */
export function readStored(text: string | undefined): StoredState {
  if (text === undefined) return { type: 'absent' };
  const decoded = decodeStored(text);
  if (decoded._tag === 'Success') return decoded.success;
  const version = decodeVersion(text);
  const isNewer = version._tag === 'Success' && version.success.version > 1;
  return { type: 'unreadable', reason: isNewer ? 'newer' : 'damaged' };
}

/** Everything in it that must not be seen. */
export function secretsIn(state: StoredState): readonly string[] {
  switch (state.type) {
    case 'key':
      return [state.key];
    case 'tokens':
      return [state.access, state.refresh, state.client.secret].filter((each) => each !== undefined);
    case 'ended':
    case 'absent':
    case 'unreadable':
      return [];
  }
}
