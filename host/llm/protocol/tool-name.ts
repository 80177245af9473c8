import { wireCallID } from './call-id.ts';

const allowed = /^[\w-]{1,64}$/;
const refused = /[^\w-]+/g;
const hashLength = 16;
const readable = 64 - hashLength - 1;

/**
 * `name`, or where servers would refuse it one that is like it and still tells it from others: models call tools that
 * there are not, under names that no tool may have, and such a call stays in the history.
 */
export function wireToolName(name: string): string {
  if (allowed.test(name)) return name;
  return `${name.replace(refused, '_').slice(0, readable)}_${wireCallID(name, 0).slice(-hashLength)}`;
}
