import { useRef, useState } from 'preact/hooks';
import type { Session } from '#shared/session.ts';
import { useChat } from '../controls/chat-context.ts';
import { Icon } from '../controls/icon.tsx';
import { memo } from '../controls/memo.ts';
import type { Found } from '../store/state.ts';
import { SessionList } from './session-list.tsx';
import './sessions.css';

interface SessionBarProps {
  readonly session: Session | null;
  readonly sessions: readonly Session[];
  readonly found: Found | null;
}

/** The session's title; opens the list of sessions over the conversation. */
export const SessionBar = memo(({ session, sessions, found }: SessionBarProps) => {
  const { say } = useChat();
  const [open, setOpen] = useState(false);
  const panel = useRef<HTMLDivElement>(null);
  const title = session?.title || say('session.untitled');
  if (session === null && sessions.length === 0) {
    return (
      <header class="visually-hidden">
        <h1>{say('app.name')}</h1>
      </header>
    );
  }
  return (
    <header class="session-bar">
      <h1>
        <button
          type="button"
          class="quiet session-title"
          aria-label={`${say('session.list')}: ${title}`}
          aria-expanded={open}
          popovertarget="sessions"
        >
          <span class="session-name" dir="auto">
            {title}
          </span>
          <Icon name="chevron-down" />
        </button>
      </h1>
      <div
        id="sessions"
        class="session-panel"
        popover="auto"
        ref={panel}
        onToggle={(event) => setOpen(event.newState === 'open')}
      >
        {open ? (
          <SessionList
            current={session?.id ?? null}
            sessions={sessions}
            found={found}
            onDone={() => panel.current?.hidePopover()}
          />
        ) : null}
      </div>
    </header>
  );
});
