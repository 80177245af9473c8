import type { SessionID } from '#shared/ids.ts';
import type { FoundSession } from '#shared/protocol.ts';
import { type SearchedStep, wordsOf } from '../search-projection.ts';
import type { SessionStore } from '../session-store.ts';

export interface SearchOptions {
  /** Sessions at most. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

const longestQuery = 200;

/**
 * Sessions whose title has the words, then those in whose prompts or answers they stand; each the one changed last
 * first, case ignored. Goes through one session after the other, in steps: commits and other reads come in between.
 */
export async function searchSessions(
  query: string,
  { limit, signal }: SearchOptions,
  { store }: { readonly store: Pick<SessionStore, 'read'> },
): Promise<readonly FoundSession[]> {
  signal.throwIfAborted();
  const words = query.trim().slice(0, longestQuery).toWellFormed();
  if (words === '') return [];
  const sessions = await store.read('session.list');
  const titled = sessions.filter(({ title }) => wordsOf(words).test(title)).map(({ id }) => ({ id }));
  const found: FoundSession[] = titled.slice(0, limit);
  const known = new Set(titled.map(({ id }) => id));
  for (const { id } of sessions.filter((session) => !known.has(session.id))) {
    if (found.length >= limit) break;
    const snippet = await snippetIn(id, { words, signal, store });
    if (snippet !== undefined) found.push({ id, snippet });
  }
  return found;
}

interface Search {
  readonly words: string;
  readonly signal: AbortSignal;
  readonly store: Pick<SessionStore, 'read'>;
}

async function snippetIn(id: SessionID, { words, signal, store }: Search): Promise<string | undefined> {
  for (let after: number | undefined = 0; after !== undefined; ) {
    const step: SearchedStep = await store.read('session.search', { id, query: words, after });
    signal.throwIfAborted();
    if (step.snippet !== undefined) return step.snippet;
    after = step.next;
  }
  return undefined;
}
