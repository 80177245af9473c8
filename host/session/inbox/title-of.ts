const maxLength = 60;

/** A session's first title: the beginning of its first prompt, on one line, cut between words. */
export function titleOf(text: string): string {
  const line = text.trim().replace(blanks, ' ');
  if (line.length <= maxLength) return line;
  const cut = line.slice(0, maxLength).replace(lastWord, '');
  return `${cut.toWellFormed()}…`;
}

const blanks = /\s+/g;
const lastWord = / \S*$/;
