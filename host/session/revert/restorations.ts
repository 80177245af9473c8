import { type FileChange, isSameContent } from '../../snapshot/file-state.ts';
import type { Restoration } from './restore-files.ts';

/**
 * Where each file that changed goes back to: to what stood there before its first change. `earlier` is what a revert
 * that holds has done already: a file is as that one left it.
 */
export function restorationsOf(
  changes: readonly FileChange[],
  earlier: readonly FileChange[],
): readonly Restoration[] {
  const reverted = new Map(earlier.map((change) => [change.path, change]));
  const byPath = Map.groupBy(changes, ({ path }) => path);
  return [...byPath].flatMap(([path, own]): Restoration[] => {
    const [first, last] = [own[0], own.at(-1)];
    if (!first || !last) return [];
    const expected = reverted.get(path)?.after ?? last.after;
    return [{ path, expected, target: first.before, mixed: isMixed(own) }];
  });
}

/** Not every change began with what the one before it had left. */
function isMixed(changes: readonly FileChange[]): boolean {
  return changes.some(({ before }, index) => {
    const previous = changes[index - 1];
    return previous !== undefined && !isSameContent(previous.after, before);
  });
}
