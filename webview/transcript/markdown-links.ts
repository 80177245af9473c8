/** Where a Markdown link leads: out by the host, to a file of the workspace, or nowhere. */
export type LinkTarget =
  | { readonly type: 'external'; readonly href: string }
  | { readonly type: 'file'; readonly path: string; readonly line: number | null }
  | { readonly type: 'none' };

/**
 * Decides what a link from a model may do. Only http, https and mailto leave; a path without a scheme is a file of
 * the workspace (the host checks that it lies inside). Everything else is shown as text.
 */
export function classifyLink(href: string): LinkTarget {
  const trimmed = href.trim();
  if (externalScheme.test(trimmed)) return { type: 'external', href: trimmed };
  if (trimmed === '' || anyScheme.test(trimmed) || notFile.test(trimmed)) return { type: 'none' };
  const [, encoded = '', hash, colon] = fileAndLine.exec(trimmed) ?? [];
  const path = decodePath(encoded);
  if (path === null || path === '' || control.test(path)) return { type: 'none' };
  const line = hash ?? colon;
  return { type: 'file', path, line: line === undefined ? null : Number(line) };
}

const externalScheme = /^(?:https?:\/\/|mailto:)[^\s]/iu;
/** Anything that a browser could read as a scheme; `C:\` of Windows is one letter. */
const anyScheme = /^[a-z][a-z0-9+.-]+:(?!\d)/iu;
/** Other hosts (`//host`, `\\host`), places on this page, queries. */
const notFile = /^(?:\/\/|\\\\|[#?])/u;
/** `path`, `path#L12`, `path:12`, `path:12:3`. */
const fileAndLine = /^([^#?]*?)(?:#L?(\d{1,9})[^#]*|:(\d{1,9})(?::\d{1,9})?|#[^#]*|\?.*)?$/u;
const control = /\p{Cc}/u;

function decodePath(encoded: string): string | null {
  try {
    return decodeURIComponent(encoded);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}
