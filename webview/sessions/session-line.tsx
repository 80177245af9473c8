import type { Session } from '#shared/session.ts';
import { useChat } from '../controls/chat-context.ts';
import { Icon } from '../controls/icon.tsx';
import { Menu, type MenuItem } from '../controls/menu.tsx';
import { relativeTime } from './relative-time.ts';
import type { SessionRow } from './session-rows.ts';
import type { Snippet } from './snippet.ts';
import { TitleField, useRenaming } from './title-field.tsx';

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
  const { session, depth, named, snippet } = row;
  const { renaming, place, done, begin } = useRenaming<HTMLDivElement>();
  const title = session.title || say('session.untitled');
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a key for the buttons inside
    <div
      class={`session-line session-depth-${Math.min(depth, deepest)}`}
      ref={place}
      onKeyDown={(event) => {
        if (event.key === 'F2' && !renaming) begin();
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
              {named ? <Marked parts={named} /> : title}
            </span>
            <span class="meta session-time">{relativeTime(session.time.updated, now)}</span>
            {snippet === undefined ? null : (
              <span class="meta session-snippet" dir="auto">
                <Marked parts={snippet} />
              </span>
            )}
          </button>
          <Actions session={session} title={title} onRename={begin} />
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

/** A text with the words in it that were searched for. */
function Marked({ parts: { before, found, after } }: { readonly parts: Snippet }) {
  return (
    <>
      {before}
      {found === '' ? null : <mark>{found}</mark>}
      {after}
    </>
  );
}
