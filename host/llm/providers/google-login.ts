import type { GoogleAuth } from 'google-auth-library';
import type { TokenAuth } from '../endpoint.ts';
import type { Fetch } from '../framing/exchange.ts';

const scope = 'https://www.googleapis.com/auth/cloud-platform';

/**
 * The credentials that this machine has for Google: a file that `GOOGLE_APPLICATION_CREDENTIALS` names, the login of
 * `gcloud`, or the machine's own account. The official package finds them, keeps a token while it is good and gets the
 * next one; it is loaded on first use.
 * Source: https://cloud.google.com/docs/authentication/application-default-credentials
 * @param project where it is left out, the package goes looking for one, which takes a second
 */
export function applicationDefault(fetch?: Fetch, project?: string): TokenAuth {
  let login: Promise<GoogleAuth> | undefined;
  let last: string | undefined;
  const current = async (): Promise<string> => {
    login ??= load(fetch, project);
    const auth = await login;
    const token = await auth.getAccessToken();
    if (!token) throw new Error('Google gave no access token.');
    last = token;
    return token;
  };
  return {
    type: 'token',
    token: (signal) => untilAborted(current().catch(explain), signal),
    last: () => last,
  };
}

async function load(fetch?: Fetch, project?: string): Promise<GoogleAuth> {
  const { GoogleAuth } = await import('google-auth-library');
  // Left to itself it takes a client of its own, past the proxy and the certificates that the editor is set to.
  const fetchImplementation: Fetch = (url, init) => (fetch ?? globalThis.fetch)(url, init);
  const transporterOptions = { fetchImplementation };
  const place = project === undefined ? {} : { projectId: project };
  return new GoogleAuth({ ...place, scopes: scope, clientOptions: { transporterOptions } });
}

function explain(error: unknown): never {
  const words = error instanceof Error ? error.message : String(error);
  const advice = 'Sign in with `gcloud auth application-default login`, or configure a key.';
  throw new Error(`No credentials for Google Cloud: ${words} ${advice}`, { cause: error });
}

/** The package cannot be told to stop; its result then concerns nobody. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
