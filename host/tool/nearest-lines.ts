/** A line of a file that is like what was looked for, with its number from 1. */
export interface NearLine {
  readonly number: number;
  readonly text: string;
  /** It differs in white space only. */
  readonly sameWords: boolean;
}

const maxLines = 50_000;
const maxLineLength = 300;
const enough = 0.6;

/** The lines most like the first line of a text that was not found, best first, at most three. */
export function nearestLines(text: string, wanted: string): readonly NearLine[] {
  const first = words(wanted.split('\n').find((line) => line.trim() !== '') ?? '');
  if (first === '') return [];
  const target = pairs(first);
  return text
    .split('\n', maxLines)
    .map((line, index) => ({ number: index + 1, text: line.trimEnd().slice(0, maxLineLength), like: 0 }))
    .map((line) => ({
      ...line,
      like: words(line.text) === first ? 1 : alike(target, pairs(words(line.text))),
    }))
    .filter(({ like }) => like >= enough)
    .sort((a, b) => b.like - a.like || a.number - b.number)
    .slice(0, 3)
    .map(({ number, text: line, like }) => ({
      number,
      text: line,
      sameWords: like === 1 && words(line) === first,
    }));
}

const whiteSpace = /\s+/g;

function words(line: string): string {
  return line.slice(0, maxLineLength).replace(whiteSpace, ' ').trim();
}

function pairs(text: string): ReadonlySet<string> {
  return new Set(Array.from({ length: Math.max(0, text.length - 1) }, (_, at) => text.slice(at, at + 2)));
}

/** Share of the letter pairs that two lines have in common, from 0 to 1. */
function alike(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const smaller = Math.min(a.size, b.size);
  if (smaller === 0 || smaller * 4 < Math.max(a.size, b.size)) return 0;
  const common = [...a].filter((pair) => b.has(pair)).length;
  return (2 * common) / (a.size + b.size);
}
