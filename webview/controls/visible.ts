/** A piece of text as it is, or a character that could not be seen, spelled out. */
export interface VisiblePiece {
  readonly type: 'text' | 'mark';
  readonly text: string;
}

/**
 * Makes every character of a text visible: control characters, direction marks, zero-width and unusual spaces come
 * back as marks (`\x1b`, `\u202e`). Line feeds and tabs stay. What is allowed must be what was seen.
 */
export function visiblePieces(text: string): readonly VisiblePiece[] {
  const pieces: VisiblePiece[] = [];
  let from = 0;
  for (const match of text.matchAll(unseen)) {
    if (match.index > from) pieces.push({ type: 'text', text: text.slice(from, match.index) });
    pieces.push({ type: 'mark', text: spell(match[0]) });
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push({ type: 'text', text: text.slice(from) });
  return pieces;
}

const unseen =
  /(?![\n\t ])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{Zs}\p{Default_Ignorable_Code_Point}]/gu;

/** Escapes rather than Unicode's control pictures: many fonts have no glyph for those. */
function spell(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code > 0xffff ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`;
}

/** Removes the colour and cursor sequences of a terminal from output that is only read. */
export function withoutEscapes(output: string): string {
  return output.includes('\u001b') ? output.replace(terminalSequence, '') : output;
}

const terminalSequence =
  /\u001b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\u0007\u001b]{0,2048}(?:\u0007|\u001b\\)|[@-Z\\^_])/gu;
