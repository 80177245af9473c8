import { inlineTokens } from '../transcript/markdown-blocks.ts';

/** A line of plain text around the place that a search found. */
export interface Snippet {
  /** A few characters at most: what was found is seen in a narrow side bar. */
  readonly before: string;
  /** The words that were searched for; empty where they cannot be told from the rest. */
  readonly found: string;
  readonly after: string;
}

/**
 * Reads a piece that was cut out of a Markdown text as plain text. `raw` is one line, with an ellipsis where it was cut;
 * the words of `query` stand in it as they were typed. Where they are in what plain text leaves out, in the address of
 * a link, the piece stays as it is.
 */
export function snippetOf(raw: string, query: string): Snippet {
  const marked = markFound(raw, query);
  const plain = plainText(marked);
  const text = plain.includes(begin) || !marked.includes(begin) ? plain : marked;
  const { before, found, after } = atMarks(text.replace(space, ' ').trim());
  return { before: found === '' ? before : shortened(before), found, after };
}

/** A text as it is, with the place in it where the words of a query stand first. */
export function foundIn(text: string, query: string): Snippet {
  return atMarks(markFound(text, query));
}

/** Characters that no conversation has: they stand around what was found while the text is read. */
const begin = '\uE000';
const end = '\uE001';
const marks = /[\uE000\uE001]/gu;
const space = /\s+/gu;

function markFound(text: string, query: string): string {
  const words = query.replace(space, ' ').replace(special, '\\$&');
  const unmarked = text.replace(marks, '');
  return words === '' ? unmarked : unmarked.replace(new RegExp(words, 'iu'), `${begin}$&${end}`);
}

function atMarks(marked: string): Snippet {
  const [before = '', found = '', after = ''] = marked.split(marks);
  return { before, found, after };
}

const special = /[\\^$.*+?()[\]{}|/]/gu;

/** Line breaks are gone, and with them what makes blocks: their signs are taken out here, the others by the parser. */
function plainText(marked: string): string {
  const line = blockSigns.reduce((text, sign) => text.replace(sign, '$1'), marked);
  const cut = isCut.test(line) ? halves : [];
  return inlineTokens(line.replace(halfCode, '$1'))
    .map(({ type, content }) =>
      type === 'text' ? cut.reduce((text, sign) => text.replace(sign, ''), content) : content,
    )
    .join('');
}

/** Each leaves its first group. */
const blockSigns: readonly RegExp[] = [
  // Fences of code, with the language.
  /(^…?|\s)(?:`{3,}|~{3,})[\w+#.-]*(?=\s|…?$)/gu,
  // Rules, and the line under a table's head.
  /(^…?|\s)\|?(?:\s?:?-{3,}:?\s?\|?)+(?=\s|…?$)/gu,
  /(^…?|\s)#{1,6}\s(?=\S)/gu,
  // A dash between words may be one; after a sentence it begins an item of a list.
  /(^…?|[.:;!?)]\s)[-*+]\s(?=\S)/gu,
  /(^…?|\s)\[[ xX]\]\s/gu,
  /(^…?)>\s/gu,
  // The edges of a table's rows.
  /(^…?)\s?\|\s/gu,
  /(\|)(?:\s+\|)+(?=\s|…?$)/gu,
];

const isCut = /^…|…$/u;

/** Code that began before the cut: its end would be taken for a beginning. */
const halfCode = /^(…[^`]*[^`\s(])`+(?=[\s.,;:!?)]|…?$)/u;

/** What the parser found no other half for lies at the cut. Underscores stay: they stand in names. */
const halves: readonly RegExp[] = [
  /(?<=^|[\s("'…])(?:\*{1,3}|~~|`+)(?=[\p{L}\p{N}"'([\uE000])/gu,
  /(?<=[\p{L}\p{N}.,;:!?)\]"'%\uE001])(?:\*{1,3}|~~|`+)(?=$|[\s.,;:!?)\]"'…])/gu,
];

const longestBefore = 20;

/** The end of what stands before the found words, from the beginning of a word on where there is one. */
function shortened(before: string): string {
  const cut = before.length > longestBefore ? `…${before.slice(-longestBefore)}` : before;
  return cut.replace(halfWord, '…');
}

/** With the sign of a list's item, where that comes next. */
const halfWord = /^…\S*\s+(?:[-*+]\s+)?/u;
