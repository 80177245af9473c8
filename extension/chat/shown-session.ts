import type { Host, SessionWatch } from '#host/host.ts';
import type { ViewEvent } from '#shared/events.ts';
import { fold, type SessionView } from '#shared/fold.ts';
import type { SessionID } from '#shared/ids.ts';

/** Messages that the page holds at first; older ones are asked for. */
export const windowSize = 60;

/**
 * The session that a chat shows, folded here as the page folds it: a page that comes back, or fell behind, is given
 * this view at once, and the store is not asked again.
 */
export class ShownSession implements Disposable {
  readonly #onEvent: (event: ViewEvent) => void;
  #watch: SessionWatch | undefined;
  #view: SessionView | undefined;
  /** Only the last opening counts when the user clicks faster than sessions load. */
  #opening = 0;

  /** `onEvent` is called for each event of the shown session, after it was folded. */
  constructor(onEvent: (event: ViewEvent) => void) {
    this.#onEvent = onEvent;
  }

  get view(): SessionView | undefined {
    return this.#view;
  }

  get hasOlder(): boolean {
    return (this.#watch?.hasOlder ?? false) || (this.#view?.messages.length ?? 0) > windowSize;
  }

  /** Shows a session, or none. False when another opening came in between. @throws HostError `session.unknown` */
  async open(id: SessionID | null, host: Host): Promise<boolean> {
    const opening = ++this.#opening;
    if (id === null) {
      this.#close();
      return true;
    }
    const listener = (event: ViewEvent) => {
      if (opening !== this.#opening || !this.#view) return;
      this.#view = fold(this.#view, event);
      this.#onEvent(event);
    };
    const watch = await host.sessions.watch(id, { limit: windowSize, listener });
    if (opening !== this.#opening) {
      watch[Symbol.dispose]();
      return false;
    }
    this.#close();
    this.#watch = watch;
    this.#view = watch.view;
    return true;
  }

  [Symbol.dispose](): void {
    this.#opening++;
    this.#close();
  }

  #close(): void {
    this.#watch?.[Symbol.dispose]();
    this.#watch = undefined;
    this.#view = undefined;
  }
}
