import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { SessionID } from '#shared/ids.ts';
import type { Session } from '#shared/session.ts';
import { useChat } from '../controls/chat-context.ts';
import { Icon } from '../controls/icon.tsx';
import { relativeTime } from './relative-time.ts';

interface SessionListProps {
  readonly current: SessionID | null;
  readonly sessions: readonly Session[];
  readonly onDone: () => void;
}

/** From so many sessions on there is a box to search them. */
const searchFrom = 8;
/** More than these are found by searching, not by scrolling. */
const shownAtMost = 200;

/** A new session, and the earlier ones, newest first. Arrow keys walk through them. */
export function SessionList({ current, sessions, onDone }: SessionListProps) {
  const { say, post } = useChat();
  const [search, setSearch] = useState('');
  const root = useRef<HTMLDivElement>(null);
  // The user opened the list: the focus goes with it.
  useLayoutEffect(() => root.current?.querySelector<HTMLElement>('input, button')?.focus(), []);
  const found = useMemo(() => matching(sessions, search), [sessions, search]);
  const now = useMemo(Date.now, []);
  const open = (id: SessionID) => {
    onDone();
    if (id !== current) post({ type: 'session.open', sessionID: id });
  };
  const start = () => {
    onDone();
    post({ type: 'session.new' });
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrow keys move between the buttons inside
    <div class="session-list" ref={root} onKeyDown={(event) => walk(event, root.current)}>
      {sessions.length >= searchFrom ? (
        <input
          type="search"
          class="text-input"
          dir="auto"
          aria-label={say('session.search')}
          placeholder={say('session.search')}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      ) : null}
      <button type="button" class="quiet session-item session-new" onClick={start}>
        <Icon name="add" />
        {say('session.new')}
      </button>
      {found.length === 0 && search !== '' ? <p class="meta session-none">{say('session.none')}</p> : null}
      {found.slice(0, shownAtMost).map(({ id, title, time }) => (
        <button
          key={id}
          type="button"
          class="quiet session-item"
          {...(id === current ? { 'aria-current': 'true' as const } : {})}
          onClick={() => open(id)}
        >
          <span class="session-name" dir="auto">
            {title || say('session.untitled')}
          </span>
          <span class="meta">{relativeTime(time.updated, now)}</span>
        </button>
      ))}
    </div>
  );
}

function matching(sessions: readonly Session[], search: string): readonly Session[] {
  const words = search.toLocaleLowerCase().split(' ').filter(Boolean);
  if (words.length === 0) return sessions;
  return sessions.filter(({ title }) => {
    const lower = title.toLocaleLowerCase();
    return words.every((word) => lower.includes(word));
  });
}

function walk(event: KeyboardEvent, root: HTMLElement | null): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0 || root === null) return;
  event.preventDefault();
  const stops = [...root.querySelectorAll<HTMLElement>('input, button')];
  const focused = document.activeElement;
  const index = focused instanceof HTMLElement ? stops.indexOf(focused) : -1;
  stops[(index + step + stops.length) % stops.length]?.focus();
}
