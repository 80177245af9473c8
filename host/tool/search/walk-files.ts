import { hasCode } from '#shared/host-error.ts';
import type { Authority } from '../../location/authority.ts';
import type { AuthorizedPath } from '../../location/authorized-path.ts';
import { type IgnoreRules, ignoreRules } from '../../location/ignore-rules.ts';
import type { Files } from '../../ports/files.ts';

export interface WalkOptions {
  readonly authority: Authority;
  readonly files: Files;
  readonly signal: AbortSignal;
}

/** A file below a directory; `relative` has slashes. */
export interface WalkedFile {
  readonly relative: string;
  readonly path: AuthorizedPath;
}

const maxEntries = 100_000;

/**
 * Every regular file below a directory that no ignore file leaves out, in order of names; follows no link, leaves `.git`
 * alone. What ripgrep does, slower, for where there is none.
 */
export async function* walkFiles(
  directory: AuthorizedPath,
  options: WalkOptions,
): AsyncGenerator<WalkedFile> {
  yield* walkBelow(
    { directory, prefix: '', rules: await ignoreRules(directory.real, options.files) },
    options,
  );
}

interface Below {
  readonly directory: AuthorizedPath;
  readonly prefix: string;
  readonly rules: IgnoreRules;
}

async function* walkBelow(
  { directory, prefix, rules }: Below,
  options: WalkOptions,
): AsyncGenerator<WalkedFile> {
  for (const { name, type, path } of await entriesOf(directory, options)) {
    if (path === undefined || name === '.git') continue;
    if (type === 'directory') {
      if (rules.ignores(name, 'directory')) continue;
      const below = { directory: path, prefix: `${prefix}${name}/`, rules: await rules.below(name) };
      yield* walkBelow(below, options);
    } else if (!rules.ignores(name, 'file')) {
      yield { relative: `${prefix}${name}`, path };
    }
  }
}

async function entriesOf(directory: AuthorizedPath, { authority, signal }: WalkOptions) {
  signal.throwIfAborted();
  try {
    return (await authority.list(directory, { limit: maxEntries, signal })).entries;
  } catch (error) {
    // Gone, or not ours to read: a search goes on with the rest.
    const isSkipped = ['file.no-access', 'file.moved', 'file.not-found'].some((code) => hasCode(error, code));
    if (!isSkipped) throw error;
    return [];
  }
}
