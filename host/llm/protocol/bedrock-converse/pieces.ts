import { fieldsOf } from '../error-body.ts';

/** Fields that hold bytes, as base64. */
const blobs: ReadonlySet<string> = new Set(['bytes', 'redactedContent']);

/** A value of which one piece more has come: texts and lists grow, fields are joined one by one. */
export function joined(value: unknown, piece: unknown): unknown {
  if (value === undefined || value === null) return piece;
  if (typeof value === 'string' && typeof piece === 'string') return value + piece;
  if (Array.isArray(value) && Array.isArray(piece)) return piece.reduce(withItem, value);
  if (isRecord(value) && isRecord(piece)) return joinedFields(fieldsOf(value), fieldsOf(piece));
  return piece ?? value;
}

/** Each piece may end in padding, so that the texts cannot simply stand one behind the other. */
export function joinBase64(first: string, second: string): string {
  if (first === '' || second === '') return first + second;
  return Buffer.concat([Buffer.from(first, 'base64'), Buffer.from(second, 'base64')]).toString('base64');
}

function joinedFields(
  value: Readonly<Record<string, unknown>>,
  piece: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const fields = Object.entries(piece).map(([name, more]) => {
    const held = value[name];
    const isBlob = blobs.has(name) && typeof held === 'string' && typeof more === 'string';
    return [name, isBlob ? joinBase64(held, more) : joined(held, more)];
  });
  return { ...value, ...Object.fromEntries(fields) };
}

/** A text that goes on is one item, however many pieces it comes in. */
function withItem(items: readonly unknown[], item: unknown): readonly unknown[] {
  const last = fieldsOf(items.at(-1));
  const next = fieldsOf(item);
  if (typeof last['text'] !== 'string' || typeof next['text'] !== 'string') return [...items, item];
  return [...items.slice(0, -1), joinedFields(last, next)];
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
