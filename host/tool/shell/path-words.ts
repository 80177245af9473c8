import { posix } from 'node:path';
import type { Authority } from '../../location/authority.ts';

/**
 * The folders outside the Location that the words of a command seem to name. A textual scan, made to ask once too
 * often: it knows nothing of quoting, variables or substitutions. The parser of shell commands takes its place.
 */
export async function outsideFolders(
  command: string,
  { workdir, authority }: { readonly workdir: string; readonly authority: Authority },
): Promise<readonly string[]> {
  const folders = await Promise.all(pathWords(command).map((word) => outside(word, { workdir, authority })));
  return [...new Set(folders.flat())];
}

const otherUrl = /\b(?!file:)[a-z][a-z0-9+.-]*:\/\/[^\s'"]*/gi;
const home = /\$(?:HOME\b|\{HOME\})/g;
/** A word's beginning, or a place inside one where a path may begin: behind a quote, `=`, `:`, a one-letter option. */
const pathStart =
  /(?:^|[\s;&|<>()`"'=:,{}]|\s-[A-Za-z])((?:\/|~|(?:[^\s;&|<>()`"'=:,{}]*\/)?\.\.(?=$|[\s/;&|<>()`"',}]))[^\s;&|<>()`"',{}]*)/g;
const harmless = /^\/dev\/(?:null|stdin|stdout|stderr|fd\/\d+)$/;
const systemProgram = /^\/(?:usr\/)?(?:local\/)?s?bin\/[^/]+$/;
const commandPosition = /(?:^|[;&|(`\n])\s*$/;
const magic = /[*?[$\\]/;

/** Words that are absolute paths, start at home, or go up. */
export function pathWords(command: string): readonly string[] {
  const text = command.replace(otherUrl, ' ').replace(home, '~');
  const words: string[] = [];
  for (let found = pathStart.exec(text); found !== null; found = pathStart.exec(text)) {
    const word = found[1] ?? '';
    const before = text.slice(0, found.index + found[0].length - word.length);
    const isProgram = systemProgram.test(word) && commandPosition.test(before);
    if (!isProgram && !harmless.test(word)) words.push(word);
    // What ended this word may begin the next.
    pathStart.lastIndex = found.index + found[0].length;
  }
  return words;
}

async function outside(
  word: string,
  { workdir, authority }: { readonly workdir: string; readonly authority: Authority },
): Promise<readonly string[]> {
  const plain = untilMagic(word);
  const input = plain.startsWith('/') || plain.startsWith('~') ? plain : `${workdir}/${plain}`;
  const verdict = await authority.authorize(input, 'list');
  if (verdict.type === 'external') {
    const { real, facts } = verdict.path;
    return [facts?.type === 'directory' ? real : posix.dirname(real)];
  }
  if (verdict.type !== 'invalid') return [];
  // What cannot be resolved is taken by its letters.
  const lexical = posix.resolve(workdir, plain);
  const root = await authority.root();
  return lexical === root || lexical.startsWith(`${root}/`) ? [] : [posix.dirname(lexical)];
}

/** A wildcard or variable ends what is known: the folder before it. */
function untilMagic(word: string): string {
  const at = word.search(magic);
  if (at === -1) return word;
  return word.slice(0, Math.max(1, word.lastIndexOf('/', at) + 1));
}
