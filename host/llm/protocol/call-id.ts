const prime = 0x100000001b3n;
const offset = 0xcbf29ce484222325n;

/**
 * `id`, or where a server would refuse it (too long, or with other characters than `allowed`) a name made from its
 * FNV-1a hash: equal for equal ids.
 */
export function wireCallID(id: string, limit = Number.POSITIVE_INFINITY, allowed = anything): string {
  if (id.length <= limit && allowed.test(id)) return id;
  let hash = offset;
  for (const byte of new TextEncoder().encode(id)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * prime);
  return `call_${hash.toString(16).padStart(16, '0')}`;
}

const anything = /^/;
