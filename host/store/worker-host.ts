import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type Report, type Request, toPlain, type WorkerStart } from './messages.ts';
import { type OwnedFolder, openFolder } from './open-folder.ts';
import type { AnyProjection } from './projection.ts';
import type { Reader } from './reader.ts';
import { post } from './replies.ts';
import { answerOf, end, failed, Service } from './service.ts';
import { refusal } from './state.ts';

/**
 * The worker's whole life: opens the store that its worker data names and serves it until it is closed.
 * Call it once, as the last thing the worker's entry file does.
 */
export async function runStore(projections: readonly AnyProjection[]): Promise<void> {
  if (parentPort === null) throw new TypeError('The store runs in a worker thread.');
  const port = parentPort;
  const report = (message: Report): void => port.postMessage(message);
  try {
    const start = workerData as WorkerStart;
    const folder = await openFolder(start, projections, {
      notify: (notice) => report({ type: 'notice', notice }),
      stateChanged: (state) => report({ type: 'state', state }),
      defect: (error) => report({ type: 'defect', error: toPlain(error) }),
    });
    if (folder.type === 'read') serveReader(port, folder.reader);
    else serve(port, folder, start);
    report({ type: 'opened' });
  } catch (error) {
    report({ type: 'refused', error: toPlain(error) });
    port.close();
  }
}

function serve(port: MessagePort, { engine, release }: OwnedFolder, { policy, lifetime }: WorkerStart): void {
  // A short life ends at once, if that does not make the next opening slow.
  const lastOccasion = lifetime === 'short' ? 'pause' : 'close';
  new Service(port, engine, { idleAfter: policy.idle, lastOccasion, release });
}

/** Answers questions alone: the folder is another's. */
function serveReader(port: MessagePort, reader: Reader): void {
  port.on('message', (request: Request) => {
    if (request.type === 'close') {
      reader[Symbol.dispose]();
      end(port);
    } else if (request.type === 'read') post(port, [answerOf(reader, request)]);
    else post(port, [failed(request.id, refusal(reader.state))]);
  });
}
