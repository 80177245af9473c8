import { monotonicFactory } from 'ulid';
import type { Ids } from '../ports/ids.ts';

/** Ids that grow even within one millisecond. */
export function createIds(): Ids {
  const next = monotonicFactory();
  return { next: (prefix) => `${prefix}_${next()}` };
}
