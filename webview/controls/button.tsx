import { type ComponentChildren, h } from 'preact';
import './button.css';

export interface ButtonProps {
  /** `primary` is filled: there is one on the screen at a time, on what needs a decision. */
  readonly kind: 'primary' | 'secondary' | 'text' | 'icon';
  readonly onClick: (event: MouseEvent) => void;
  readonly children: ComponentChildren;
  /** The accessible name where the content is only a picture. */
  readonly label?: string;
  readonly title?: string;
  readonly disabled?: boolean;
  readonly expanded?: boolean;
}

/** The toolkit's button, brought to the look of today's editor by button.css. */
export function Button({ kind, onClick, children, label, title, disabled, expanded }: ButtonProps) {
  return h(
    'vscode-button',
    {
      appearance: kind === 'primary' || kind === 'icon' ? kind : 'secondary',
      class: `button button-${kind}`,
      // Always said: taking a property away would set it to the empty string, which the element reads as true.
      disabled: disabled === true,
      onClick: (event: MouseEvent) => {
        if (!disabled) onClick(event);
      },
      ...(label === undefined ? {} : { 'aria-label': label }),
      ...(title === undefined ? {} : { title }),
      ...(expanded === undefined ? {} : { 'aria-expanded': String(expanded) }),
    },
    children,
  );
}
