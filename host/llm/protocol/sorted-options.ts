/** Model Request Options in the order of their names, without those that are the protocol's own affair. */
export function sortedOptions(
  options: Readonly<Record<string, unknown>>,
  ours: ReadonlySet<string>,
): Readonly<Record<string, unknown>> {
  const named = Object.entries(options).filter(([name, value]) => !ours.has(name) && value !== undefined);
  return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
