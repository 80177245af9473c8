import type { Host, SessionWatch } from '#host/host.ts';
import type { ViewEvent } from '#shared/events.ts';
import { fold, type SessionView } from '#shared/fold.ts';
import type { SessionID } from '#shared/ids.ts';

/** Messages that the page holds at first; older ones are asked for. */
export const windowSize = 60;

/** The part of the host that is needed to show a session. */
export interface WatchHost {
  readonly sessions: Pick<Host['sessions'], 'watch'>;
}

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

  /**
   * Shows a session, or none. False when another opening came in between. What was shown stays, and stays current,
   * until the new one is there; it stays for good when that fails. @throws HostError `session.unknown`
   */
  async open(id: SessionID | null, host: WatchHost): Promise<boolean> {
    const opening = ++this.#opening;
    if (id === null) {
      this.#close();
      return true;
    }
    // Events may come before this function goes on with the watch that tells them: they belong on top of its view.
    const early: ViewEvent[] = [];
    let mine: SessionWatch | undefined;
    const listener = (event: ViewEvent) => {
      if (!mine) return void early.push(event);
      if (this.#watch !== mine || !this.#view) return;
      this.#view = fold(this.#view, event);
      this.#onEvent(event);
    };
    const watch = await host.sessions.watch(id, { limit: windowSize, listener });
    if (opening !== this.#opening) {
      watch[Symbol.dispose]();
      return false;
    }
    this.#close();
    mine = this.#watch = watch;
    this.#view = early.reduce(fold, watch.view);
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
