/**
 * The same JSON value with every lone surrogate replaced by U+FFFD, keys included: `JSON.stringify` writes a lone
 * surrogate as `\ud83d`, which strict JSON parsers of providers refuse. Values that need nothing are not copied.
 */
export function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.isWellFormed() ? value : value.toWellFormed();
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return wellFormedArray(value);
  return wellFormedRecord(value);
}

function wellFormedArray(values: readonly unknown[]): readonly unknown[] {
  const mended = values.map(wellFormed);
  return mended.every((value, index) => value === values[index]) ? values : mended;
}

function wellFormedRecord(record: object): object {
  const entries = Object.entries(record);
  const mended = entries.map(([key, value]): [string, unknown] => [key.toWellFormed(), wellFormed(value)]);
  const same = mended.every(
    ([key, value], index) => key === entries[index]?.[0] && value === entries[index]?.[1],
  );
  return same ? record : Object.fromEntries(mended);
}
