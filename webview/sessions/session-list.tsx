import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { SessionID } from '#shared/ids.ts';
import type { Session } from '#shared/session.ts';
import { useChat } from '../controls/chat-context.ts';
import { Icon } from '../controls/icon.tsx';
import { moveFocus } from '../controls/move-focus.ts';
import { QuietButton } from '../controls/quiet-button.tsx';
import type { Found } from '../store/state.ts';
import { SessionLine } from './session-line.tsx';
import { rowsFor, type SessionRow, treeOf } from './session-rows.ts';
import { useSearch } from './use-search.ts';

interface SessionListProps {
  readonly current: SessionID | null;
  readonly sessions: readonly Session[];
  readonly found: Found | null;
  readonly onDone: () => void;
}

/** So many are drawn at first, and more at each asking: a list of hundreds opens at once. */
const shownAtFirst = 50;

/** A new session, the earlier ones, newest first, and those that were archived. Arrow keys walk through them. */
export function SessionList({ current, sessions, found, onDone }: SessionListProps) {
  const { say, post } = useChat();
  const search = useSearch(found);
  const root = useRef<HTMLDivElement>(null);
  // The user opened the list: the focus goes with it.
  useLayoutEffect(() => root.current?.querySelector<HTMLElement>('input, button')?.focus(), []);
  const now = useMemo(Date.now, []);
  const start = () => {
    onDone();
    post({ type: 'session.new' });
  };
  const shared = {
    current,
    now,
    onOpen: (id: SessionID) => {
      onDone();
      if (id !== current) post({ type: 'session.open', sessionID: id });
    },
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrow keys move between the buttons inside
    <div
      class="session-list"
      ref={root}
      onKeyDown={(event) => moveFocus(event, event.currentTarget, 'input, .session-item, .session-fold')}
    >
      {sessions.length > 1 ? (
        <input
          type="search"
          class="text-input"
          dir="auto"
          aria-label={say('session.search')}
          placeholder={say('session.search')}
          onInput={(event) => search.type(event.currentTarget.value)}
        />
      ) : null}
      <button type="button" class="quiet session-item session-new" onClick={start}>
        <Icon name="add" />
        {say('session.new')}
      </button>
      {search.query === '' ? (
        <All sessions={sessions} {...shared} />
      ) : (
        <Results query={search.query} waits={search.waits} sessions={sessions} found={found} {...shared} />
      )}
    </div>
  );
}

interface RowsProps {
  readonly current: SessionID | null;
  readonly now: number;
  readonly onOpen: (id: SessionID) => void;
}

/** Every session; the archived ones under a fold at the end. */
function All({ sessions, ...rows }: RowsProps & { readonly sessions: readonly Session[] }) {
  const { say } = useChat();
  const [open, setOpen] = useState(false);
  const [kept, archived] = useMemo(() => {
    const { kept: stay = [], archived: away = [] } = Object.groupBy(sessions, ({ time }) =>
      time.archived === undefined ? 'kept' : 'archived',
    );
    return [treeOf(stay), treeOf(away)];
  }, [sessions]);
  return (
    <>
      <Rows rows={kept} {...rows} />
      {archived.length > 0 ? (
        <QuietButton look="line-toggle session-fold" expanded={open} onClick={() => setOpen(!open)}>
          <Icon name={open ? 'chevron-down' : 'chevron-right'} />
          {say('session.archived', [archived.length])}
        </QuietButton>
      ) : null}
      {open ? <Rows rows={archived} {...rows} /> : null}
    </>
  );
}

interface ResultsProps extends RowsProps {
  readonly query: string;
  readonly waits: boolean;
  readonly sessions: readonly Session[];
  readonly found: Found | null;
}

/** What a search found, in the words of the sessions too; told to who does not see the list change. */
function Results({ query, waits, sessions, found, ...rest }: ResultsProps) {
  const { say } = useChat();
  const rows = useMemo(() => rowsFor(query, sessions, found), [query, sessions, found]);
  const summary = waits ? 'session.searching' : rows.length === 0 ? 'session.none' : 'session.found';
  const quiet = !waits && rows.length > 0;
  return (
    <>
      <p class={quiet ? 'visually-hidden' : 'meta session-none'} role="status">
        {say(summary, [rows.length])}
      </p>
      <Rows key={query} rows={rows} {...rest} />
    </>
  );
}

function Rows({ rows, current, now, onOpen }: RowsProps & { readonly rows: readonly SessionRow[] }) {
  const { say } = useChat();
  const [most, setMost] = useState(shownAtFirst);
  return (
    <>
      {rows.slice(0, most).map((row) => (
        <SessionLine
          key={row.session.id}
          row={row}
          current={row.session.id === current}
          now={now}
          onOpen={() => onOpen(row.session.id)}
        />
      ))}
      {rows.length > most ? (
        <QuietButton look="link session-fold" onClick={() => setMost(most * 3)}>
          {say('session.more')}
        </QuietButton>
      ) : null}
    </>
  );
}
