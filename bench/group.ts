import { join } from 'node:path';
import { commitMany, journalBytes, openPrompts } from './prompt-store.ts';

/**
 * Many commits under way at once, against one after the other (figure 5), and the journal's bytes against those of
 * what was to be kept (figure 6).
 */
export async function benchGroup(folder: string, commits = 4000): Promise<readonly string[]> {
  const directory = join(folder, 'group');
  await using store = await openPrompts(directory);
  await commitMany(store, { first: 0, count: 1000, width: 64 });
  const before = journalBytes(directory);
  let first = 1000;
  let payload = 0;
  const rate = async (width: number): Promise<number> => {
    const start = performance.now();
    payload += await commitMany(store, { first, count: commits, width });
    first += commits;
    return (commits / (performance.now() - start)) * 1000;
  };
  const alone = await rate(1);
  const together = await rate(64);
  const bytes = journalBytes(directory) - before;
  return [
    '',
    `64 commits at once / one after the other: ${(together / alone).toFixed(1)} (15 is wanted)`,
    `  ${together.toFixed(0)} and ${alone.toFixed(0)} commits/s, ${commits} each`,
    `The journal's bytes / the JSON of what was committed: ${(bytes / payload).toFixed(3)} (1.1 at most is wanted)`,
    `  ${((bytes - payload) / (2 * commits)).toFixed(0)} bytes more per commit of ${(payload / (2 * commits)).toFixed(0)}`,
  ];
}
