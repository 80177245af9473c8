/** A stretch of code; `plain` is everything that has no colour of its own. */
export interface CodePiece {
  readonly type: 'plain' | 'comment' | 'string' | 'number' | 'keyword';
  readonly text: string;
}

/** More than this is shown without colours: it is read in the editor, not here. */
const longest = 20_000;

/**
 * Colours the words that make code easy to scan: comments, strings, numbers, keywords. By families of languages, not
 * by grammars: it is small, linear, and wrong only in colour. An unknown language stays plain.
 */
export function highlight(code: string, language: string): readonly CodePiece[] {
  const family = families[aliases[language.toLowerCase()] ?? ''];
  if (!family || code.length > longest) return [{ type: 'plain', text: code }];
  const pieces: CodePiece[] = [];
  let from = 0;
  for (const match of code.matchAll(family.tokens)) {
    const type = typeOf(match, family);
    if (type === 'plain') continue;
    if (match.index > from) pieces.push({ type: 'plain', text: code.slice(from, match.index) });
    pieces.push({ type, text: match[0] });
    from = match.index + match[0].length;
  }
  if (from < code.length) pieces.push({ type: 'plain', text: code.slice(from) });
  return pieces;
}

/** The groups of a family's expression, in the order in which `family` writes them. */
const groups = ['comment', 'string', 'number'] as const;

function typeOf(match: RegExpExecArray, { keywords }: Family): CodePiece['type'] {
  const group = groups.find((_, index) => match[index + 1] !== undefined);
  return group ?? (keywords.has(match[0]) ? 'keyword' : 'plain');
}

interface Family {
  readonly tokens: RegExp;
  readonly keywords: ReadonlySet<string>;
}

const number = String.raw`\b\d[\w.]*`;
const word = String.raw`[A-Za-z_$][\w$-]*`;
const quoted = String.raw`"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?`;
const slashes = String.raw`\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)`;
const hash = String.raw`(?<![\w$\\])#[^\n]*`;

function family(comment: string, string: string, keywords: string): Family {
  return {
    tokens: new RegExp(`(${comment})|(${string})|(${number})|(${word})`, 'gu'),
    keywords: new Set(keywords.split(' ')),
  };
}

const flow =
  'break case catch class const continue default do else enum false finally for if import in new null';
const more = 'return static super switch this throw true try var void while with public private protected';

const families: Readonly<Record<string, Family>> = {
  script: family(
    slashes,
    `${quoted}|\`(?:[^\`\\\\]|\\\\.)*\`?`,
    `${flow} ${more} as async await delete export extends from function implements instanceof interface let of readonly type typeof undefined yield`,
  ),
  brace: family(
    slashes,
    quoted,
    `${flow} ${more} abstract bool boolean byte char defer double extends extern final float fn fun func go impl implements int interface let long loop match mod mut namespace nil override package pub range self sizeof string struct template trait type typedef unsafe unsigned use using val where yield`,
  ),
  python: family(
    hash,
    `"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|${quoted}`,
    'and as assert async await break class continue def del elif else end except False finally for from global if import in is lambda module None nonlocal not or pass raise require return self True try unless while with yield',
  ),
  shell: family(
    hash,
    quoted,
    'case cd do done echo elif else esac exit export fi for function if in local read return set source then until while',
  ),
  data: family(`${hash}|${slashes}`, quoted, 'true false null yes no'),
  style: family(String.raw`\/\*[^]*?(?:\*\/|$)`, quoted, 'important inherit initial none auto var calc'),
  sql: family(
    String.raw`--[^\n]*`,
    quoted,
    'SELECT FROM WHERE AND OR NOT INSERT INTO VALUES UPDATE SET DELETE CREATE TABLE INDEX JOIN LEFT INNER ON AS ORDER BY GROUP HAVING LIMIT NULL select from where and or not insert into values update set delete create table index join left inner on as order by group having limit null',
  ),
};

const aliases = named({
  script: 'js javascript jsx mjs cjs ts typescript tsx',
  brace: 'c cpp c++ cs csharp dart go golang h java kotlin kt php rust rs scala swift zig',
  python: 'py python rb ruby',
  shell: 'bash console fish ps1 powershell sh shell zsh',
  data: 'ini json json5 jsonc toml yaml yml dockerfile makefile',
  style: 'css less scss',
  sql: 'sql',
});

function named(table: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(table).flatMap(([name, languages]) => languages.split(' ').map((each) => [each, name])),
  );
}
