/** How `{env:NAME}` and `{file:path}` are looked up; undefined means: not given out here. */
export interface Lookup {
  env(name: string): string | undefined;
  file(path: string): Promise<string | undefined>;
}

export interface Substituted<T> {
  readonly value: T;
  /** The placeholders that were not filled in, as written. */
  readonly withheld: readonly string[];
}

/**
 * Fills `{env:NAME}` and `{file:path}` into every string of a decoded configuration value (OpenCode's syntax).
 * `lookup` is chosen by path: a project's file must not read the user's environment. A withheld placeholder becomes
 * the empty string; an unset variable too, as in OpenCode.
 */
export async function substitute<T>(
  value: T,
  lookupAt: (path: readonly string[]) => Lookup,
  path: readonly string[] = [],
): Promise<Substituted<T>> {
  const withheld: string[] = [];
  const walk = async (node: unknown, at: readonly string[]): Promise<unknown> => {
    if (typeof node === 'string') return fill(node, lookupAt(at), withheld);
    if (Array.isArray(node))
      return Promise.all(node.map((each, index) => walk(each, [...at, String(index)])));
    if (node === null || typeof node !== 'object') return node;
    const entries = await Promise.all(
      Object.entries(node).map(async ([key, each]) => [key, await walk(each, [...at, key])] as const),
    );
    return Object.fromEntries(entries);
  };
  return { value: (await walk(value, path)) as T, withheld };
}

/** Whether a text takes anything from outside the file that it stands in. */
export function hasPlaceholder(text: string): boolean {
  return text.search(placeholder) >= 0;
}

async function fill(text: string, lookup: Lookup, withheld: string[]): Promise<string> {
  const pieces: string[] = [];
  let from = 0;
  for (const match of text.matchAll(placeholder)) {
    const [whole, kind, name = ''] = match;
    const found = kind === 'env' ? lookup.env(name) : await lookup.file(name);
    if (found === undefined) withheld.push(whole);
    pieces.push(text.slice(from, match.index), found ?? '');
    from = match.index + whole.length;
  }
  return pieces.join('') + text.slice(from);
}

const placeholder = /\{(env|file):([^}]+)\}/g;
