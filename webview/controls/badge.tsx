import type { ComponentChildren } from 'preact';

/**
 * A few quiet words on a state. Not the toolkit's badge: that one sets a style attribute, which the content security
 * policy refuses each time.
 */
export function Badge({ children }: { readonly children: ComponentChildren }) {
  return <span class="badge">{children}</span>;
}
