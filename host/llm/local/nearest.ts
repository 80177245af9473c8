/** The name that is most like one that was not found; undefined if none is really like it. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const wanted = plain(name);
  const [best] = names
    .map((each) => ({ each, distance: distance(wanted, plain(each)) }))
    .filter((candidate) => candidate.distance <= Math.max(2, wanted.length / 3))
    .sort((a, b) => a.distance - b.distance);
  return best?.each;
}

const longest = 100;
const owner = /^.*\//;

/** Without the owner in front: names differ in it that mean the same model. */
function plain(name: string): string {
  return name.replace(owner, '').slice(0, longest).toLowerCase();
}

/** Edits between two names; one that begins the other is near, whatever its size or tag. */
function distance(a: string, b: string): number {
  const begins = a.length > 2 && b.length > 2 && (a.startsWith(b) || b.startsWith(a));
  return begins ? Math.min(2, Math.abs(a.length - b.length)) : edits(a, b);
}

function edits(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 0; row < a.length; row += 1) {
    const current = [row + 1];
    for (let column = 0; column < b.length; column += 1) {
      const replaced = (above[column] ?? 0) + (a[row] === b[column] ? 0 : 1);
      current.push(Math.min(replaced, (above[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    above = current;
  }
  return above[b.length] ?? 0;
}
