/** What a terminal would obey instead of showing it, and what turns the order of letters around. */
const obeyed = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;
const obeyedInLines = /(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;
const wide =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}|[\u3000-\u303f\uff01-\uff60]/u;
const invisible = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
const letters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** A text of somebody else's in one line, with nothing in it that a terminal obeys. */
export function plainLine(text: string): string {
  return text.replace(obeyed, ' ');
}

/** A text of somebody else's with its lines, with nothing else in it that a terminal obeys. */
export function plainLines(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(obeyedInLines, '');
}

/** Columns that a terminal takes for it. */
export function widthOf(text: string): number {
  return [...letters.segment(text)].reduce((sum, { segment }) => sum + letterWidth(segment), 0);
}

/** At most `width` columns of it, with an ellipsis where something is left out. */
export function cutTo(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of letters.segment(text)) {
    const columns = letterWidth(segment);
    if (used + columns > width - 1) break;
    kept += segment;
    used += columns;
  }
  return width > 0 ? `${kept}…` : '';
}

function letterWidth(letter: string): number {
  if (invisible.test(letter)) return 0;
  return wide.test(letter) ? 2 : 1;
}
