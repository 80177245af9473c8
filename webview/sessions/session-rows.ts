import type { SessionID } from '#shared/ids.ts';
import type { Session } from '#shared/session.ts';
import type { Found } from '../store/state.ts';
import { foundIn, type Snippet, snippetOf } from './snippet.ts';

/** One line of the list. */
export interface SessionRow {
  readonly session: Session;
  /** How far below a session of this list it hangs; 0: it stands by itself. */
  readonly depth: number;
  /** The title, where a search found its words in it. */
  readonly named?: Snippet;
  /** The words around the place that a search found. */
  readonly snippet?: Snippet;
}

/** Sessions in the given order, the child sessions of each right below it. A child whose parent is elsewhere stands alone. */
export function treeOf(sessions: readonly Session[]): readonly SessionRow[] {
  const here = new Set(sessions.map(({ id }) => id));
  const below = Map.groupBy(
    sessions.filter(({ parentID }) => parentID !== undefined && here.has(parentID)),
    ({ parentID }) => parentID,
  );
  const rows: SessionRow[] = [];
  const drawn = new Set<SessionID>();
  const add = (session: Session, depth: number) => {
    if (drawn.has(session.id)) return;
    drawn.add(session.id);
    rows.push({ session, depth });
    for (const child of below.get(session.id) ?? []) add(child, depth + 1);
  };
  for (const session of sessions) {
    if (session.parentID === undefined || !here.has(session.parentID)) add(session, 0);
  }
  return rows;
}

/** What a search shows: the host's answer when it is there, until then the titles that hold all words. */
export function rowsFor(
  query: string,
  sessions: readonly Session[],
  found: Found | null,
): readonly SessionRow[] {
  if (found?.query !== query) return matching(sessions, query).map((session) => titled(session, query));
  const known = new Map(sessions.map((session) => [session.id, session]));
  return found.found.flatMap(({ id, snippet }) => {
    const session = known.get(id);
    if (!session) return [];
    if (snippet === undefined) return [titled(session, query)];
    return [{ session, depth: 0, snippet: snippetOf(snippet, query) }];
  });
}

function titled(session: Session, query: string): SessionRow {
  return { session, depth: 0, named: foundIn(session.title, query) };
}

function matching(sessions: readonly Session[], query: string): readonly Session[] {
  const words = query.toLocaleLowerCase().split(' ').filter(Boolean);
  return sessions.filter(({ title }) => {
    const lower = title.toLocaleLowerCase();
    return words.every((word) => lower.includes(word));
  });
}
