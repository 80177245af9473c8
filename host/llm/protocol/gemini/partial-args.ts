import type { PartialArg } from './wire.ts';

type Key = string | number;
type Place = Map<Key, Place | Leaf>;
type Leaf = { readonly value: string | number | boolean | null };

/**
 * Arguments that come piece by piece, each with the path of its value (`$.edits[0].text`); further pieces of a text go
 * behind it. Source: https://datatracker.ietf.org/doc/html/rfc9535 (its normalised paths and the short form of names)
 */
export class PartialArgs {
  readonly #root: Place = new Map();

  take(piece: PartialArg): void {
    const keys = keysOf(piece.jsonPath);
    const last = keys.pop();
    if (last === undefined) return;
    let place = this.#root;
    for (const key of keys) {
      const next = place.get(key);
      const inner: Place = next instanceof Map ? next : new Map();
      place.set(key, inner);
      place = inner;
    }
    place.set(last, extended(place.get(last), leafValue(piece)));
  }

  value(): Readonly<Record<string, unknown>> {
    return Object.fromEntries([...this.#root].map(([key, inner]) => [key, plain(inner)]));
  }
}

function extended(before: Place | Leaf | undefined, value: Leaf['value']): Leaf {
  if (before === undefined || before instanceof Map) return { value };
  if (typeof before.value !== 'string' || typeof value !== 'string') return { value };
  return { value: before.value + value };
}

function leafValue({ stringValue, numberValue, boolValue }: PartialArg): Leaf['value'] {
  return stringValue ?? numberValue ?? boolValue ?? null;
}

/** Numbers are places of an array. */
function plain(place: Place | Leaf): unknown {
  if (!(place instanceof Map)) return place.value;
  const entries = [...place].map(([key, inner]) => [key, plain(inner)] as const);
  const isArray = entries.length > 0 && entries.every(([key]) => typeof key === 'number');
  if (!isArray) return Object.fromEntries(entries);
  return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value);
}

const step = /\.([^.[\]]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/g;
const escaped = /\\(.)/g;

function keysOf(path: string): Key[] {
  return [...path.matchAll(step)].map(([, name, index, single, double]) => {
    if (index !== undefined) return Number(index);
    return name ?? (single ?? double ?? '').replace(escaped, '$1');
  });
}
