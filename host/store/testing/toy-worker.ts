// Worker entry of the tests: the toy room alone.
import { runStore } from '../worker-host.ts';
import { toyProjection } from './toy-projection.ts';

export const projections = [toyProjection] as const;

await runStore(projections);
