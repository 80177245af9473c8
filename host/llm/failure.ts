/** What can go wrong between the first byte sent and the last byte read, before anybody judges it. */
export type WireFailure =
  /** The server answered with a status outside 200 to 299. `body` is cut at 64 KB. */
  | {
      readonly type: 'http';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  /** The server answered 200 and sent an error object in the stream. */
  | {
      readonly type: 'in-stream';
      readonly payload: unknown;
      readonly headers: Readonly<Record<string, string>>;
    }
  /** No answer came: `code` is the system's word (ECONNREFUSED, ENOTFOUND, a TLS code). */
  | { readonly type: 'unreachable'; readonly code: string | null; readonly message: string }
  /** The answer had begun and the connection broke. */
  | { readonly type: 'cut'; readonly message: string }
  /** The answer is not what the wire format allows. */
  | { readonly type: 'malformed'; readonly message: string }
  /** No credential could be had for the request, in words for the user. */
  | { readonly type: 'unauthorized'; readonly message: string }
  /** The request could not be formed (an address that is none, a header that is none). */
  | { readonly type: 'unsendable'; readonly message: string };

/** Carries a `WireFailure` out of a framing; nothing else may come out of one, but the abort reason. */
export class WireError extends Error {
  readonly failure: WireFailure;

  constructor(failure: WireFailure, options?: ErrorOptions) {
    super(failure.type, options);
    this.name = 'WireError';
    this.failure = failure;
  }
}
