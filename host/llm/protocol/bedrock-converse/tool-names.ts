import { wireCallID } from '../call-id.ts';
import type { Traits } from './traits.ts';

const allowed = /^[\w-]{1,64}$/;
const refused = /[^\w-]+/g;
const hashLength = 16;
const readable = 64 - hashLength - 1;

/** `name`, or where the server would refuse it one that is like it and still tells it from others. */
export function wireToolName(name: string): string {
  if (allowed.test(name)) return name;
  return `${name.replace(refused, '_').slice(0, readable)}_${wireCallID(name, 0).slice(-hashLength)}`;
}

/** The id of a call in the form that the model demands: equal for equal ids. */
export function converseCallID(id: string, { callID: { limit, allowed: form } }: Traits): string {
  return wireCallID(id, limit, form).slice(-limit);
}
