/**
 * The claims of a token in JWT form; none when it is another. The signature is not checked: the token came from its
 * issuer itself, over TLS, and is read for what to show and to send back there (OpenID Connect Core 3.1.3.7, point 6).
 */
export function claimsOf(token: string | undefined): unknown {
  const [, payload] = token?.split('.') ?? [];
  if (payload === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

/** What stands at the end of a path of names; undefined where it breaks off. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, name) => {
    if (typeof at !== 'object' || at === null) return undefined;
    return Object.getOwnPropertyDescriptor(at, name)?.value;
  }, value);
}

/** A short text of visible ASCII there: it is shown, and sent in headers. */
export function textAt(value: unknown, path: readonly string[]): string | undefined {
  const found = valueAt(value, path);
  return typeof found === 'string' && plainText.test(found) ? found : undefined;
}

const plainText = /^[\x21-\x7e]{1,256}$/;
