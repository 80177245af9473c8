import type { MessagePort } from 'node:worker_threads';
import { type Reply, type Report, toPlain } from './messages.ts';

/** Sends answers. One whose value is not plain data fails alone. */
export function post(port: MessagePort, replies: readonly Reply[]): void {
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
