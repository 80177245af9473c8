import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { Engine, FlushFailure } from './engine.ts';
import { type Reply, type Report, type Request, toPlain, type WorkerStart } from './messages.ts';
import { type OpenFolder, openFolder } from './open-folder.ts';
import type { AnyProjection } from './projection.ts';

/**
 * The worker's whole life: opens the store that its worker data names and serves it until it is closed.
 * Call it once, as the last thing the worker's entry file does.
 */
export async function runStore(projections: readonly AnyProjection[]): Promise<void> {
  if (parentPort === null) throw new TypeError('The store runs in a worker thread.');
  const port = parentPort;
  const report = (message: Report): void => port.postMessage(message);
  try {
    const folder = await openFolder(workerData as WorkerStart, projections, {
      notify: (notice) => report({ type: 'notice', notice }),
      stateChanged: (state) => report({ type: 'state', state }),
      defect: (error) => report({ type: 'defect', error: toPlain(error) }),
    });
    serve(port, folder);
    report({ type: 'opened' });
  } catch (error) {
    report({ type: 'refused', error: toPlain(error) });
    port.close();
  }
}

/** A group is closed at this size, so that a flood of commits cannot hold back its first acknowledgement. */
const longestGroup = 1024;
const largestGroup = 4 * 1024 * 1024;
/** After this long without a commit the clean end is marked. */
const idleAfter = 1000;

function serve(port: MessagePort, { engine, release }: OpenFolder): void {
  const idle = setTimeout(() => engine.mark(), idleAfter).unref();
  const finish = (group: readonly Answer[]): void => {
    if (group.length === 0) return;
    const failure = engine.flush();
    post(
      port,
      failure === undefined ? group.map(({ reply }) => reply) : afterFailure(engine, group, failure),
    );
    engine.settle();
    idle.refresh();
  };
  port.on('message', (first: Request) => {
    // Everything that arrived while the last group was being synced becomes the next one.
    let group: Answer[] = [];
    for (let request: Request | undefined = first; request !== undefined; request = nextRequest(port)) {
      if (request.type === 'close') {
        finish(group);
        clearTimeout(idle);
        engine.close();
        release();
        port.postMessage({ type: 'closed' } satisfies Report);
        port.close();
        return;
      }
      group.push({ request, reply: answer(engine, request) });
      if (group.length < longestGroup && engine.stagedBytes < largestGroup) continue;
      finish(group);
      group = [];
    }
    finish(group);
  });
}

type Question = Exclude<Request, { type: 'close' }>;

/** Held back until everything it saw is durable. */
interface Answer {
  readonly request: Question;
  readonly reply: Reply;
}

function nextRequest(port: MessagePort): Request | undefined {
  const received = receiveMessageOnPort(port);
  return received === undefined ? undefined : (received.message as Request);
}

function answer(engine: Engine, request: Question): Reply {
  const { id } = request;
  try {
    const value = request.type === 'commit' ? engine.stage(request) : engine.read(request.name, request.args);
    return { type: 'done', id, value };
  } catch (error) {
    return { type: 'failed', id, error: toPlain(error) };
  }
}

/** The group is undone, but for its first few: the rest is refused, and its reads are asked again. */
function afterFailure(engine: Engine, group: readonly Answer[], failure: FlushFailure): readonly Reply[] {
  let kept = failure.kept;
  return group.map(({ request, reply }) => {
    if (request.type === 'read') return answer(engine, request);
    if (reply.type === 'failed') return reply;
    kept -= 1;
    return kept >= 0 ? reply : { type: 'failed', id: request.id, error: toPlain(failure.error) };
  });
}

function post(port: MessagePort, replies: readonly Reply[]): void {
  try {
    port.postMessage({ type: 'replies', replies } satisfies Report);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    // One query's result is not plain data: only that one fails.
    for (const reply of replies) postAlone(port, reply);
  }
}

function postAlone(port: MessagePort, reply: Reply): void {
  try {
    port.postMessage({ type: 'replies', replies: [reply] } satisfies Report);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    const failed: Reply = { type: 'failed', id: reply.id, error: toPlain(error) };
    port.postMessage({ type: 'replies', replies: [failed] } satisfies Report);
  }
}
