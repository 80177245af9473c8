import { wireCallID } from '../call-id.ts';
import type { Traits } from './traits.ts';

/** The id of a call in the form that the model demands: equal for equal ids. */
export function converseCallID(id: string, { callID: { limit, allowed: form } }: Traits): string {
  return wireCallID(id, limit, form).slice(-limit);
}
