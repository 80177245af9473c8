// A worker that opens its store and ends at the first request.
import { parentPort } from 'node:worker_threads';

parentPort?.once('message', () => process.exit(7));
parentPort?.postMessage({ type: 'opened' });
