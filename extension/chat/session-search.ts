import type { Host } from '#host/host.ts';
import type { ToWebview } from '#shared/protocol.ts';

/** Found sessions that the list can show. */
const foundAtMost = 100;

type SearchHost = { readonly sessions: Pick<Host['sessions'], 'search'> };

/**
 * Searches sessions for one page. A new query ends the search before it; each query is answered, one that was ended or
 * failed with nothing, because the page asks on only after an answer.
 */
export function createSearch(post: (message: ToWebview) => void) {
  let running: AbortController | undefined;
  return async (query: string, { sessions }: SearchHost): Promise<void> => {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    try {
      const found = await sessions.search(query, { limit: foundAtMost, signal: mine.signal });
      post({ type: 'sessions.found', query, found });
    } catch (error) {
      post({ type: 'sessions.found', query, found: [] });
      if (!mine.signal.aborted) throw error;
    }
  };
}
