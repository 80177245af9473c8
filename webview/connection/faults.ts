import type { Post } from './post.ts';

export interface FaultSink {
  readonly post: Post;
  readonly show: (message: string) => void;
  readonly resync: () => void;
}

/**
 * Every fault that nobody caught is reported to the host's log and shown (UI-06). The returned function ends it.
 * Bounded: a fault in a loop must not flood the host.
 */
export function watchFaults(target: Window, sink: FaultSink): () => void {
  let left = reportLimit;
  const report = (fault: unknown) => {
    const { message, stack } = describeFault(fault);
    if (isHarmless(message) || left === 0) return;
    left -= 1;
    sink.post({ type: 'error.report', message, stack });
    sink.show(message);
    sink.resync();
  };
  const onError = (event: ErrorEvent) => report(event.error ?? event.message);
  const onRejection = (event: PromiseRejectionEvent) => report(event.reason);
  target.addEventListener('error', onError);
  target.addEventListener('unhandledrejection', onRejection);
  return () => {
    target.removeEventListener('error', onError);
    target.removeEventListener('unhandledrejection', onRejection);
  };
}

const reportLimit = 20;
const textLimit = 4_000;

/** A fault's text and stack, bounded; anything can be thrown. */
export function describeFault(fault: unknown): { readonly message: string; readonly stack: string } {
  if (fault instanceof Error) {
    return { message: fault.message.slice(0, textLimit), stack: (fault.stack ?? '').slice(0, textLimit) };
  }
  return { message: String(fault).slice(0, textLimit), stack: '' };
}

/** Chromium reports a resize that needs a second frame as an error; nothing is lost by it. */
function isHarmless(message: string): boolean {
  return message.startsWith('ResizeObserver loop');
}
