import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startModelServer } from './server.ts';

/**
 * The model server as a program: `node test-fixtures/model-server/main.ts --script PATH [--port N] [--until-stdin-closes]`.
 * PATH is a script or a folder of scripts. Prints one line of JSON, `{"url": …}`, when it listens; ends on SIGTERM,
 * SIGINT, or with the flag when its standard input closes.
 */
const { values } = parseArgs({
  options: {
    script: { type: 'string' },
    port: { type: 'string', default: '0' },
    'until-stdin-closes': { type: 'boolean', default: false },
  },
});

const over = Promise.withResolvers<void>();
const end = (): void => over.resolve();
process.once('SIGTERM', end);
process.once('SIGINT', end);
if (values['until-stdin-closes']) process.stdin.once('close', end).resume();

const scripts = values.script ?? join(import.meta.dirname, 'scripts');
await using server = await startModelServer({ scripts, port: Number(values.port) });
process.stdout.write(`${JSON.stringify({ url: server.url })}\n`);
await over.promise;
