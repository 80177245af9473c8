import type { ComponentChildren } from 'preact';
import { moveFocus } from './move-focus.ts';
import { Popup } from './popup.tsx';

export interface MenuItem {
  readonly label: string;
  /** The key that does the same, told beside the label. */
  readonly shortcut?: string;
  readonly onPick: () => void;
}

/** A button with a menu of actions. Arrow keys walk through it; picking closes it and gives the focus back. */
export function Menu(props: {
  readonly label: string;
  readonly look: string;
  readonly children: ComponentChildren;
  readonly items: readonly MenuItem[];
}) {
  const { label, look, children, items } = props;
  return (
    <Popup
      label={label}
      look={look}
      role="menu"
      panel={(close) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: arrow keys move between the items inside
        <div role="presentation" onKeyDown={(event) => moveFocus(event, event.currentTarget)}>
          {items.map(({ label: name, shortcut, onPick }) => (
            <button
              key={name}
              type="button"
              role="menuitem"
              class="quiet menu-item"
              onClick={() => {
                close();
                onPick();
              }}
            >
              {name}
              {shortcut === undefined ? null : <span class="menu-key">{shortcut}</span>}
            </button>
          ))}
        </div>
      )}
    >
      {children}
    </Popup>
  );
}
