import { protectedName, protectedNames } from '../../location/protected-names.ts';

/**
 * Whether a command has something that a look at its words does not settle, so that no rule and no reviewer may allow
 * it unasked: variables set, quoting by backslash, a program out of a variable, a change to the home folder, or a
 * protected name. Asks once too often rather than once too rarely.
 */
export function needsEyes(command: string): boolean {
  if (command.includes('\\') || command.includes("$'")) return true;
  const words = wordsOf(command);
  return words === undefined || words.some(isSuspect) || commandsOf(words).some(isUnsettled);
}

/** A word with its quotes taken off, or an operator, behind which a command may begin. */
interface Word {
  readonly type: 'word' | 'operator';
  readonly text: string;
}

/** Undefined where a quote does not end or has a command in it. */
function wordsOf(command: string): readonly Word[] | undefined {
  const found = command.match(pieces) ?? [];
  if (found.some(isOpaque)) return undefined;
  const words: Word[] = [];
  let text: string | undefined;
  const end = () => {
    if (text !== undefined) words.push({ type: 'word', text });
    text = undefined;
  };
  for (const piece of found) {
    if (space.test(piece) && piece !== '\n') end();
    else if (operator.test(piece)) {
      end();
      words.push({ type: 'operator', text: piece });
    } else text = (text ?? '') + (quoted.test(piece) ? piece.slice(1, -1) : piece);
  }
  end();
  return words;
}

/** A quote without an end, or with a command in it. */
function isOpaque(piece: string): boolean {
  if (!quoted.test(piece)) return false;
  return piece.length === 1 || (piece.startsWith('"') && substitution.test(piece));
}

const pieces = /'[^']*'|"[^"]*"|&>>?|[0-9]*[<>]+[&|]?|[\s\S]/g;
const operator = /^(?:[;&|()`\n]|&>>?|[0-9]*[<>]+[&|]?)$/;
const redirect = /[<>]/;
const space = /^\s$/;
const quoted = /^['"]/;
const substitution = /`|\$\(/;

/** The commands of a line, each by its words; what is redirected is not among them. */
function commandsOf(words: readonly Word[]): readonly (readonly string[])[] {
  const commands: string[][] = [[]];
  let isTarget = false;
  for (const { type, text } of words) {
    if (type === 'word') {
      if (!isTarget) commands.at(-1)?.push(text);
      isTarget = false;
    } else if (redirect.test(text)) isTarget = true;
    else {
      isTarget = false;
      commands.push([]);
    }
  }
  return commands;
}

const leading: ReadonlySet<string> = new Set(
  'if then elif else while until do ! { time command builtin exec env nohup'.split(' '),
);
const settersOfState: ReadonlySet<string> = new Set(
  'export declare typeset readonly local alias eval'.split(' '),
);
const option = /^-./;
const homeOrVariable = /^~|\$/;
const assignment = /^[A-Za-z_]\w*(?:\[.*\])?\+?=/s;

function isUnsettled(words: readonly string[]): boolean {
  const at = words.findIndex((word) => !leading.has(word));
  const [program = '', ...rest] = at === -1 ? [] : words.slice(at);
  if (assignment.test(program) || settersOfState.has(program)) return true;
  // A variable, or braces that become several words.
  if (program.includes('$') || (program.includes('{') && program.includes(','))) return true;
  // `env -i X=1 program`
  if (at > 0 && program.startsWith('-') && rest.some((word) => assignment.test(word))) return true;
  if (program !== 'cd' && program !== 'pushd') return false;
  const [folder] = rest.filter((word) => !option.test(word));
  return folder === undefined || folder === '-' || homeOrVariable.test(folder);
}

function isSuspect({ type, text }: Word): boolean {
  if (type === 'operator') return false;
  const segments = text.split(separators).map((segment) => segment.replace(gluedOption, ''));
  return protectedName(segments) !== undefined || segments.some(mayBecomeProtected);
}

/** `-C.git` */
const gluedOption = /^-[A-Za-z](?=\.)/;
const wildcard = /[*?[]/;
const separators = /[\s/=:,<>;&|()"'{}]+/;

/** A wildcard that begins as a protected name does: `.gi*`. */
function mayBecomeProtected(segment: string): boolean {
  const at = segment.search(wildcard);
  const known = segment.slice(0, at).toLowerCase();
  return at > 0 && protectedNames.some((name) => name.startsWith(known));
}
