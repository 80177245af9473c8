import type { Node } from 'jsonc-parser';

/**
 * The value of a parsed JSON object, built without a prototype's setters being reachable:
 * a `__proto__` key in a file becomes an ordinary entry.
 */
export function parsedValue(root: Node): Record<string, unknown> {
  const value = read(root);
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
}

function read(node: Node): unknown {
  if (node.type === 'array') return (node.children ?? []).map(read);
  if (node.type !== 'object') return node.value;
  const entries = (node.children ?? []).map(({ children }) => {
    const [key, value] = children ?? [];
    return [String(key?.value), value ? read(value) : undefined] as const;
  });
  return Object.fromEntries(entries);
}
