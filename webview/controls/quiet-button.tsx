import type { ComponentChildren } from 'preact';

/** A plain button without a frame, for the many small actions that stand in lines of text. */
export function QuietButton(props: {
  readonly onClick: (event: MouseEvent) => void;
  readonly children: ComponentChildren;
  readonly label?: string;
  readonly title?: string;
  readonly look?: string;
  readonly expanded?: boolean;
  /** The pointer or the focus went elsewhere. */
  readonly onLeave?: () => void;
}) {
  const { onClick, children, label, title, look = '', expanded, onLeave } = props;
  return (
    <button
      type="button"
      class={`quiet ${look}`}
      onClick={onClick}
      {...(onLeave === undefined ? {} : { onMouseLeave: onLeave, onBlur: onLeave })}
      {...(label === undefined ? {} : { 'aria-label': label })}
      {...(title === undefined ? {} : { title })}
      {...(expanded === undefined ? {} : { 'aria-expanded': expanded })}
    >
      {children}
    </button>
  );
}
