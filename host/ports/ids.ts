import type { IdPrefix } from '#shared/ids.ts';

/** New ids, `<prefix>_<ULID>`, growing within one process. */
export interface Ids {
  next(prefix: IdPrefix): string;
}
