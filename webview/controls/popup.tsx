import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import './popup.css';

export interface PopupProps {
  /** The accessible name of what it opens, and of the button where that has no `name`. */
  readonly label: string;
  /** The button's own accessible name, which must hold what it shows. */
  readonly name?: string;
  readonly title?: string;
  readonly look: string;
  /** What the button shows. */
  readonly children: ComponentChildren;
  readonly role: 'menu' | 'dialog';
  /** Drawn only while it is open. Without `close`, Escape and a press elsewhere close it. */
  readonly panel: (close: () => void) => ComponentChildren;
}

/**
 * A button that opens a small panel beside itself. The browser's own popover gives the layer, Escape, a press
 * elsewhere, and the focus back to where it was.
 */
export function Popup({ label, name = label, title = name, look, children, role, panel }: PopupProps) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const toggle = (opens: boolean) => {
    setOpen(opens);
    // Placed in the frame it is first painted in, when its size is known.
    if (opens) requestAnimationFrame(() => settle(box.current, button.current));
  };
  return (
    <>
      <button
        type="button"
        class={`quiet ${look}`}
        ref={button}
        aria-label={name}
        title={title}
        aria-haspopup={role}
        aria-expanded={open}
        popovertarget={id}
      >
        {children}
      </button>
      {/* biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles have names */}
      <div
        id={id}
        class="popup"
        popover="auto"
        role={role}
        aria-label={label}
        tabIndex={-1}
        ref={box}
        onBeforeToggle={({ newState }) => toggle(newState === 'open')}
      >
        {open ? panel(() => box.current?.hidePopover()) : null}
      </div>
    </>
  );
}

const gap = 4;

/** Puts a panel under its button, or over it where there is more room, within the view; the focus goes into it. */
function settle(panel: HTMLElement | null, button: HTMLElement | null): void {
  if (!panel?.matches(':popover-open') || !button) return;
  const anchor = button.getBoundingClientRect();
  const { width, height } = panel.getBoundingClientRect();
  const below = anchor.bottom + gap + height <= innerHeight;
  const top = below ? anchor.bottom + gap : Math.max(gap, anchor.top - gap - height);
  const left = Math.max(gap, Math.min(anchor.right - width, innerWidth - width - gap));
  panel.style.top = `${top}px`;
  panel.style.left = `${left}px`;
  // A fast hand may be inside already.
  if (panel.contains(document.activeElement) && panel !== document.activeElement) return;
  (panel.querySelector<HTMLElement>('button, input') ?? panel).focus();
}
