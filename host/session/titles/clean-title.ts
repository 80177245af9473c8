const maxLetters = 50;

/** A model's answer as a title: its first line without thoughts, quotes and Markdown; undefined if nothing is left. */
export function cleanTitle(answer: string): string | undefined {
  const [line = ''] = answer.replace(thoughts, '').trim().split('\n');
  const plain = line.replace(decoration, '').replace(/\s+/g, ' ').trim();
  const letters = [...plain.toWellFormed()];
  if (letters.length === 0) return undefined;
  if (letters.length <= maxLetters) return plain.toWellFormed();
  const cut = letters.slice(0, maxLetters - 1).join('');
  return `${cut.replace(lastWord, '')}…`;
}

/** Also of an answer that was cut off in the middle of thinking. */
const thoughts = /<think(?:ing)?>.*?(?:<\/think(?:ing)?>|$)/gs;
const lastWord = /\s+\S*$/;
const decoration = /^[\s#>*_`"'“”„«»]+(?:title:\s*)?|[\s*_`"'“”«».]+$/gi;
