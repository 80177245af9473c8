import type { Store } from '../store/store.ts';
import type { sessionProjection } from './session-projection.ts';

/** The store as the session room sees it. */
export type SessionStore = Store<readonly [typeof sessionProjection]>;
