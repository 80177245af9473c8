import type { ComponentChildren } from 'preact';
import { useChat } from '../controls/chat-context.ts';
import { classifyLink } from './markdown-links.ts';

/** A link from a model: opens by the host's hand, or is plain text when it leads nowhere safe. */
export function MarkdownLink({
  href,
  children,
}: {
  readonly href: string;
  readonly children?: ComponentChildren;
}) {
  const { post } = useChat();
  const target = classifyLink(href);
  if (target.type === 'none') return <span title={href}>{children}</span>;
  const open = (event: MouseEvent) => {
    event.preventDefault();
    // The editor's own frame also opens links that reach the document.
    event.stopPropagation();
    if (target.type === 'external') post({ type: 'link.open', href: target.href });
    else {
      post({ type: 'file.open', path: target.path, ...(target.line === null ? {} : { line: target.line }) });
    }
  };
  return (
    <a href={target.type === 'external' ? target.href : '#'} title={href} onClick={open} onAuxClick={open}>
      {children}
    </a>
  );
}
