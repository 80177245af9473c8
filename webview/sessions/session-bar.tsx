import { useRef, useState } from 'preact/hooks';
import type { Session } from '#shared/session.ts';
import { useChat } from '../controls/chat-context.ts';
import { Icon } from '../controls/icon.tsx';
import { memo } from '../controls/memo.ts';
import { QuietButton } from '../controls/quiet-button.tsx';
import type { Found } from '../store/state.ts';
import { SessionList } from './session-list.tsx';
import { TitleField, useRenaming } from './title-field.tsx';
import './sessions.css';

interface SessionBarProps {
  readonly session: Session | null;
  readonly sessions: readonly Session[];
  readonly found: Found | null;
}

/** The session's title; opens the list of sessions over the conversation, and is edited in its place. */
export const SessionBar = memo(({ session, sessions, found }: SessionBarProps) => {
  const { say } = useChat();
  const [open, setOpen] = useState(false);
  const panel = useRef<HTMLDivElement>(null);
  if (session === null && sessions.length === 0) {
    return (
      <header class="visually-hidden">
        <h1>{say('app.name')}</h1>
      </header>
    );
  }
  return (
    <header class="session-bar">
      {/* What was being edited belongs to its session: another one begins with its title. */}
      <Title key={session?.id} session={session} open={open} />
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

/** F2 and the pencil open the title for editing; before the first prompt there is none. */
function Title({ session, open }: { readonly session: Session | null; readonly open: boolean }) {
  const { say } = useChat();
  const { renaming, place, done, begin } = useRenaming<HTMLDivElement>();
  const title = session?.title || say('session.untitled');
  return (
    <div class="session-head" ref={place}>
      <h1>
        {session && renaming ? (
          <TitleField session={session} onDone={done} />
        ) : (
          <button
            type="button"
            class="quiet session-title"
            aria-label={`${say('session.list')}: ${title}`}
            aria-expanded={open}
            popovertarget="sessions"
            {...(session ? { 'aria-keyshortcuts': 'F2' } : {})}
            onKeyDown={(event) => {
              if (event.key === 'F2') begin();
            }}
          >
            <span class="session-name" dir="auto">
              {title}
            </span>
            <Icon name="chevron-down" />
          </button>
        )}
      </h1>
      {session && !renaming ? (
        <QuietButton
          look="action session-rename"
          label={say('session.rename.this')}
          title={`${say('session.rename.this')} (F2)`}
          onClick={begin}
        >
          <Icon name="edit" />
        </QuietButton>
      ) : null}
    </div>
  );
}
