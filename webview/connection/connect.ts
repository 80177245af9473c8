import type { SessionID } from '#shared/ids.ts';
import type { ToWebview } from '#shared/protocol.ts';
import type { ScrollPlace } from '../store/state.ts';
import type { Store } from '../store/store.ts';
import { watchFaults } from './faults.ts';
import { keep, readKept } from './kept.ts';
import type { Post, VsCodeApi } from './post.ts';

export interface Connection extends Disposable {
  readonly post: Post;
  /** Remembers where the reader stood; null means at the end. */
  readonly keepScroll: (place: ScrollPlace | null) => void;
  /** Where the reader stood before the webview was loaded again. */
  readonly keptScroll: ScrollPlace | null;
}

/**
 * Joins the store to the host: messages in, acknowledgements out once they are painted, and what must survive a
 * reload into the editor's keeping. Must be called once; the host sends nothing before `ready`.
 */
export function connect(api: VsCodeApi, store: Store): Connection {
  const post: Post = (message) => api.postMessage(message);
  const kept = readKept(api.getState());
  let scroll = kept.scroll;
  let wanted: SessionID | null = kept.sessionID;
  const save = () => {
    // Before the first state nothing is known that was not kept already.
    if (store.getState().sync !== 'connecting') api.setState(keep(store.getState(), scroll));
  };
  const acknowledge = acknowledger(post);

  const onMessage = ({ data }: MessageEvent<ToWebview>) => {
    if (typeof data !== 'object' || data === null || typeof data.type !== 'string') return;
    const before = store.getState();
    store.dispatch({ type: 'received', message: data });
    const after = store.getState();
    if (after.sync === 'behind' && before.sync !== 'behind') post({ type: 'resync' });
    if (data.type === 'state') wanted = openWanted(data, wanted, post);
    if (after.seq !== before.seq || data.type === 'state') acknowledge(after.seq);
  };

  store.dispatch({ type: 'restored', kept });
  const stopSaving = store.subscribe(save);
  const stopFaults = watchFaults(window, {
    post,
    show: (message) => store.dispatch({ type: 'fault.shown', message }),
    // A batch that could not be folded leaves the state unknown: ask for it whole.
    resync: () => post({ type: 'resync' }),
  });
  window.addEventListener('message', onMessage);
  post({ type: 'ready' });
  return {
    post,
    keptScroll: kept.scroll,
    keepScroll: (place) => {
      scroll = place;
      save();
    },
    [Symbol.dispose]: () => {
      window.removeEventListener('message', onMessage);
      stopFaults();
      stopSaving();
    },
  };
}

/** After a reload the host may not know which session stood here: it is asked for once. */
function openWanted(
  { window: shown, sessions }: Extract<ToWebview, { readonly type: 'state' }>,
  wanted: SessionID | null,
  post: Post,
): null {
  if (wanted !== null && shown === null && sessions.some((session) => session.id === wanted)) {
    post({ type: 'session.open', sessionID: wanted });
  }
  return null;
}

/** Tells the host when batches are on the screen; a hidden view paints nothing and answers at once. */
function acknowledger(post: Post): (seq: number) => void {
  let waiting: number | null = null;
  const send = () => {
    if (waiting === null) return;
    post({ type: 'ack', seq: waiting });
    waiting = null;
  };
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = send;
  // The frame callback runs before the paint, the channel's message after it.
  const afterPaint = () => port2.postMessage(null);
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) send();
  });
  return (seq) => {
    const scheduled = waiting !== null;
    waiting = seq;
    if (document.hidden) send();
    else if (!scheduled) requestAnimationFrame(afterPaint);
  };
}
