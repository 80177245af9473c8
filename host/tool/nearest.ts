/** The names most like one that was not found, best first, at most three; none that is not really like it. */
export function nearest(name: string, names: readonly string[]): readonly string[] {
  const wanted = name.slice(0, maxLength).toLowerCase();
  return names
    .map((each) => ({ each, distance: likeness(wanted, each.slice(0, maxLength).toLowerCase()) }))
    .filter(({ each, distance }) => distance <= Math.max(2, Math.floor(each.length / 3)))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ each }) => each);
}

const maxLength = 100;

/** Edits between two names; one within the other counts as near. */
function likeness(a: string, b: string): number {
  const contained = a.length >= 3 && b.length >= 3 && (a.includes(b) || b.includes(a));
  return contained ? 1 : editDistance(a, b);
}

function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 0; row < a.length; row++) {
    const current = [row + 1];
    for (let column = 0; column < b.length; column++) {
      const replaced = (above[column] ?? 0) + (a[row] === b[column] ? 0 : 1);
      current.push(Math.min(replaced, (above[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    above = current;
  }
  return above[b.length] ?? 0;
}
