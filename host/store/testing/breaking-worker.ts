// Worker entry of the tests: the toy room, in a process that ends at the moment that MILLRACE_BREAK names.
import { runStore } from '../worker-host.ts';
import { type Break, breakFileSystem } from './breaking-fs.ts';
import { toyProjection } from './toy-projection.ts';

const at = process.env['MILLRACE_BREAK'];
breakFileSystem().arm(at === undefined ? undefined : (JSON.parse(at) as Break));
await runStore([toyProjection]);
