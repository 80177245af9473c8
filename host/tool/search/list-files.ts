import type { SearchWorld } from '../tool-world.ts';
import type { SearchBase } from './found-file.ts';
import { commonArguments, runRipgrep } from './ripgrep.ts';
import { walkFiles } from './walk-files.ts';

/** Paths of the files below a directory, relative to it, that no ignore file leaves out; in no order. */
export async function* listFiles(
  { path }: SearchBase,
  { world, signal }: { readonly world: SearchWorld; readonly signal: AbortSignal },
): AsyncGenerator<string> {
  const program = await world.search.ripgrep(await world.authority.root());
  if (program === undefined) {
    for await (const { relative } of walkFiles(path, { ...world, signal })) yield relative;
    return;
  }
  const args = [...commonArguments, '--files'];
  yield* runRipgrep({ program, args, directory: path.real, processes: world.processes, signal }, '\0');
}
