const prime = 0x100000001b3n;
const offset = 0xcbf29ce484222325n;

/**
 * `id`, or where a server would refuse it (empty, too long, or with other characters than `allowed`) a name made from its
 * FNV-1a hash: equal for equal ids.
 */
export function wireCallID(id: string, limit = Number.POSITIVE_INFINITY, allowed = anything): string {
  return id.length <= limit && allowed.test(id) ? id : `call_${hashOf(id)}`;
}

/** `id` where it has the one form that Mistral takes, else that much of its hash. */
export function nineCharacters(id: string): string {
  return nine.test(id) ? id : hashOf(id).slice(-9);
}

function hashOf(id: string): string {
  let hash = offset;
  for (const byte of new TextEncoder().encode(id)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * prime);
  return hash.toString(16).padStart(16, '0');
}

const anything = /./s;
const nine = /^[a-zA-Z0-9]{9}$/;
