// Entry of the store's worker thread: every room's projection, in one list.
import { permissionProjection } from './permission/permission-projection.ts';
import { sessionProjection } from './session/session-projection.ts';
import { runStore } from './store/worker-host.ts';

/** For its type: `openStore<typeof projections>`. */
export const projections = [sessionProjection, permissionProjection] as const;

await runStore(projections);
