/** Moves the focus through the fields and buttons inside an element by the arrow keys, in a circle. */
export function moveFocus(event: KeyboardEvent, root: HTMLElement, stops = 'input, button'): void {
  const step = steps[event.key];
  if (step === undefined || event.isComposing) return;
  event.preventDefault();
  event.stopPropagation();
  const all = [...root.querySelectorAll<HTMLElement>(stops)].filter(
    (each) => each.closest('[popover]') === root.closest('[popover]'),
  );
  const focus = document.activeElement;
  const at = focus instanceof HTMLElement ? all.indexOf(focus) : -1;
  const focused = at < 0 && step < 0 ? 0 : at;
  all[(focused + step + all.length) % all.length]?.focus();
}

const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };
