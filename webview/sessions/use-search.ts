import { useEffect, useRef, useState } from 'preact/hooks';
import { useChat } from '../controls/chat-context.ts';
import type { Found } from '../store/state.ts';

export interface Search {
  /** What is searched for, trimmed; empty: nothing. */
  readonly query: string;
  /** The host's answer to this query is still to come. */
  readonly waits: boolean;
  readonly type: (text: string) => void;
}

/**
 * Searches as the user types, at the pace of the host: one query at a time, and when its answer is there, the newest.
 */
export function useSearch(found: Found | null): Search {
  const { post } = useChat();
  const [query, setQuery] = useState('');
  const asked = useRef<string | null>(null);
  const ask = (text: string) => {
    asked.current = text;
    post({ type: 'session.search', query: text });
  };
  // Each answer is a new object: only its coming matters.
  useEffect(() => {
    if (found === null || found.query !== asked.current) return;
    asked.current = null;
    if (query !== '' && query !== found.query) ask(query);
  }, [found]);
  return {
    query,
    waits: query !== '' && found?.query !== query,
    type: (text) => {
      const next = text.trim();
      setQuery(next);
      if (next !== '' && asked.current === null) ask(next);
    },
  };
}
