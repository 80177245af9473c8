import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Session } from '#shared/session.ts';
import { useChat } from '../controls/chat-context.ts';
import { fieldKey } from '../controls/field-key.ts';
import { Icon } from '../controls/icon.tsx';
import { Menu, type MenuItem } from '../controls/menu.tsx';
import { relativeTime } from './relative-time.ts';
import type { SessionRow } from './session-rows.ts';

interface SessionLineProps {
  readonly row: SessionRow;
  readonly current: boolean;
  readonly now: number;
  readonly onOpen: () => void;
}

/** Deeper children are not indented further: the list is narrow. */
const deepest = 3;

/** A session in the list: opens it, and has a menu of what can be done with it. F2 renames it in its place. */
export function SessionLine({ row, current, now, onOpen }: SessionLineProps) {
  const { say } = useChat();
  const { session, depth, snippet } = row;
  const [renaming, setRenaming] = useState(false);
  const line = useRef<HTMLDivElement>(null);
  const title = session.title || say('session.untitled');
  const done = () => {
    setRenaming(false);
    // The field that had the focus goes: the line gets it back once it is drawn.
    requestAnimationFrame(() => line.current?.querySelector('button')?.focus());
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a key for the buttons inside
    <div
      class={`session-line session-depth-${Math.min(depth, deepest)}`}
      ref={line}
      onKeyDown={(event) => {
        if (event.key === 'F2' && !renaming) setRenaming(true);
      }}
    >
      {renaming ? (
        <TitleField session={session} onDone={done} />
      ) : (
        <>
          <button
            type="button"
            class="quiet session-item"
            {...(current ? { 'aria-current': 'true' as const } : {})}
            onClick={onOpen}
          >
            <span class="session-name" dir="auto">
              {title}
            </span>
            <span class="meta session-time">{relativeTime(session.time.updated, now)}</span>
            {snippet === undefined ? null : (
              <span class="meta session-snippet" dir="auto">
                {snippet}
              </span>
            )}
          </button>
          <Actions session={session} title={title} onRename={() => setRenaming(true)} />
        </>
      )}
    </div>
  );
}

function Actions(props: {
  readonly session: Session;
  readonly title: string;
  readonly onRename: () => void;
}) {
  const { say, post } = useChat();
  const { session, title, onRename } = props;
  const { id: sessionID, time } = session;
  const archived = time.archived !== undefined;
  const items: readonly MenuItem[] = [
    { label: say('session.rename'), shortcut: 'F2', onPick: onRename },
    { label: say('session.fork'), onPick: () => post({ type: 'session.fork', sessionID, messageID: null }) },
    { label: say('session.export'), onPick: () => post({ type: 'session.export', sessionID }) },
    {
      label: say(archived ? 'session.unarchive' : 'session.archive'),
      onPick: () => post({ type: 'session.archive', sessionID, archived: !archived }),
    },
    { label: say('session.delete'), onPick: () => post({ type: 'session.delete', sessionID }) },
  ];
  return (
    <Menu label={say('session.actions', [title])} look="action session-actions" items={items}>
      <Icon name="ellipsis" />
    </Menu>
  );
}

/** The title, open for editing in its place. Enter and leaving the field keep it, Escape does not. */
function TitleField({ session, onDone }: { readonly session: Session; readonly onDone: () => void }) {
  const { say, post } = useChat();
  const field = useRef<HTMLInputElement>(null);
  const left = useRef(false);
  useLayoutEffect(() => field.current?.select(), []);
  const end = (accept: boolean) => {
    if (left.current) return;
    left.current = true;
    const title = field.current?.value.trim() ?? '';
    if (accept && title !== '' && title !== session.title) {
      post({ type: 'session.rename', sessionID: session.id, title });
    }
    onDone();
  };
  return (
    <input
      ref={field}
      type="text"
      class="text-input"
      dir="auto"
      maxLength={200}
      aria-label={say('session.title')}
      defaultValue={session.title}
      onBlur={() => end(true)}
      onKeyDown={(event) => {
        const key = fieldKey(event);
        if (key === 'none') return;
        event.preventDefault();
        event.stopPropagation();
        end(key === 'accept');
      }}
    />
  );
}
