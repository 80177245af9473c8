import MarkdownIt, { type Token } from 'markdown-it';

/** One block of the document: a paragraph, a list, a fence … Closed blocks keep their identity while text streams. */
export interface MarkdownBlock {
  readonly source: string;
  readonly tokens: readonly Token[];
}

/** What was parsed so far. Everything before `openFrom` is final: more text cannot change it. */
export interface MarkdownCache {
  readonly text: string;
  readonly openFrom: number;
  readonly closed: readonly MarkdownBlock[];
  /** The last block: more text may change it. Null while there is none. */
  readonly open: MarkdownBlock | null;
}

/** All blocks in order. */
export function blocksOf({ closed, open }: MarkdownCache): readonly MarkdownBlock[] {
  return open ? [...closed, open] : closed;
}

export const emptyMarkdown: MarkdownCache = { text: '', openFrom: 0, closed: [], open: null };

/**
 * Parses a document, starting from what `cache` knows. When it only grew, just the open block at its end is parsed
 * again; the cost of a stream is that of its blocks, not of its length squared.
 */
export function advance(cache: MarkdownCache, source: string): MarkdownCache {
  const text = source.includes('\r') ? source.replace(lineEnd, '\n') : source;
  if (text === cache.text) return cache;
  const base = text.startsWith(cache.text) ? cache : emptyMarkdown;
  const parsed = split(text.slice(base.openFrom));
  const last = parsed.at(-1);
  if (!last) return { ...base, text, open: null };
  const more = parsed.slice(0, -1).map((each) => each.block);
  const closed = more.length === 0 ? base.closed : [...base.closed, ...more];
  return { text, openFrom: base.openFrom + last.start, closed, open: last.block };
}

const lineEnd = /\r\n?/gu;

/** Raw HTML stays text, and nothing is ever rendered to a string. */
const parser = new MarkdownIt({ html: false, linkify: true, breaks: false, maxNesting: 40 });
// Which links may lead somewhere is decided by classifyLink, after parsing.
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false });

/** The pieces of a single line of Markdown, without any block around them. */
export function inlineTokens(line: string): readonly Token[] {
  return parser.parseInline(line, {}).flatMap(({ children }) => children ?? []);
}

function split(source: string): readonly { readonly start: number; readonly block: MarkdownBlock }[] {
  const lines = lineStarts(source);
  const groups: { from: number; to: number; tokens: Token[] }[] = [];
  let depth = 0;
  for (const token of parser.parse(source, {})) {
    const last = groups.at(-1);
    if (depth === 0 && token.nesting >= 0) {
      const [from = 0, to = 0] = token.map ?? [];
      groups.push({ from, to, tokens: [token] });
    } else {
      last?.tokens.push(token);
    }
    depth += token.nesting;
  }
  return groups.map(({ from, to, tokens }) => {
    const start = lines[from] ?? source.length;
    return { start, block: { source: source.slice(start, lines[to] ?? source.length), tokens } };
  });
}

function lineStarts(source: string): readonly number[] {
  const starts = [0];
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
