/** What these readers look for in a text that comes in pieces: a word that may be cut anywhere. */

/** `wait`: the text ends before it is known. */
export type Found = 'yes' | 'no' | 'wait';

/** Whether `word` stands at a position. */
export function wordAt(text: string, at: number, word: string): Found {
  if (text.startsWith(word, at)) return 'yes';
  const rest = text.length - at;
  return rest < word.length && word.startsWith(text.slice(at)) ? 'wait' : 'no';
}

/** Which of these words stands at a position; `wait` while it may still become one of them. */
export function oneAt<W extends string>(text: string, at: number, words: readonly W[]): W | 'no' | 'wait' {
  const found = words.map((word) => wordAt(text, at, word));
  const whole = words[found.indexOf('yes')];
  if (whole !== undefined) return whole;
  return found.includes('wait') ? 'wait' : 'no';
}

/** White space as models write it: also the kinds that cannot be seen and that JSON does not allow. */
const blanks = /[\s\u200b\u2060]*/y;

/** The position after the white space that begins at a position. */
export function afterBlanks(text: string, at: number): number {
  blanks.lastIndex = at;
  blanks.exec(text);
  return blanks.lastIndex;
}

export function isBlank(text: string): boolean {
  return afterBlanks(text, 0) === text.length;
}

/** A text without its white space. */
export function withoutBlanks(text: string): string {
  return text.replaceAll(anyBlanks, '');
}

const anyBlanks = /[\s\u200b\u2060]+/g;

/** Where the beginning of one of these words stands at the very end of a text; its length if none does. */
export function unfinishedAt(text: string, words: readonly string[]): number {
  const longest = Math.max(...words.map((word) => word.length));
  for (let at = Math.max(0, text.length - longest + 1); at < text.length; at += 1) {
    if (words.some((word) => wordAt(text, at, word) === 'wait')) return at;
  }
  return text.length;
}
