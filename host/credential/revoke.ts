import { HostError } from '#shared/host-error.ts';
import type { Log } from '../ports/log.ts';
import { fill, type OAuthFlow } from './flow.ts';
import type { StoredState, StoredTokens } from './stored.ts';
import { authentication } from './token-request.ts';
import { callWeb, type Web } from './web-call.ts';

/** What became of tokens that are forgotten here. */
export type Revocation =
  | { readonly type: 'revoked' }
  /** The provider offers no way, or there was nothing to take back: tokens run out by themselves. */
  | { readonly type: 'not-offered' }
  /** In words, with what to do. */
  | { readonly type: 'failed'; readonly text: string };

/** Takes tokens back at the provider (RFC 7009): with the refresh token goes what it has bought. Fails only on abort. */
export async function revokeTokens(
  stored: StoredState,
  flow: OAuthFlow | undefined,
  { web, log, signal }: { readonly web: Web; readonly log: Log; readonly signal: AbortSignal },
): Promise<Revocation> {
  if (stored.type !== 'tokens' || flow?.revoke === undefined) return { type: 'not-offered' };
  const { endpoint, body } = flow.revoke;
  const address = fill(endpoint, stored.answers);
  const headers = authentication(stored.client);
  try {
    const { status } = await callWeb(
      { method: 'POST', address, headers, [body]: revocation(stored) },
      web,
      signal,
    );
    if (status < 300) return { type: 'revoked' };
    return failed(address, `it answered with the status ${status}`);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof HostError)) throw error;
    log.warn('A sign-in could not be taken back', { providerID: flow.providerID, code: error.code });
    return failed(address, 'it could not be reached');
  }
}

function revocation({ access, refresh, client }: StoredTokens): Readonly<Record<string, string>> {
  const token =
    refresh === undefined
      ? { token: access, token_type_hint: 'access_token' }
      : { token: refresh, token_type_hint: 'refresh_token' };
  return { ...token, client_id: client.id };
}

function failed(address: string, why: string): Revocation {
  const { host } = new URL(address);
  const text = `You are signed out here, but ${host} was not told: ${why}. End the session on its own pages, too.`;
  return { type: 'failed', text };
}
