import type { ViewEvent } from '#shared/events.ts';
import type { ToWebview } from '#shared/protocol.ts';

export interface PumpOptions {
  readonly post: (message: ToWebview) => void;
  /** Sends the state anew, numbered by the pump: the webview is too far behind, or asked. */
  readonly resync: () => void;
  /** Calls back after about one frame; the pump never has two under way. */
  readonly nextFrame: (flush: () => void) => Disposable;
}

/** Batches that may be on their way without an acknowledgement; more are held back. */
const maxUnderWay = 4;
/** Held-back events beyond which the whole state is cheaper. */
const maxHeld = 5_000;

/**
 * Sends view events in numbered batches, one per frame, and waits for a slow webview: a batch is acknowledged when it
 * is on the screen. Text that grows in one batch is joined, so that a slow webview gets fewer and larger pieces.
 */
export class MessagePump implements Disposable {
  readonly #options: PumpOptions;
  #held: ViewEvent[] = [];
  #frame: Disposable | undefined;
  #seq = 0;
  #acknowledged = 0;
  /** Nothing is sent before the webview has a state to fold events into. */
  #started = false;
  /** A whole state was asked for: until it goes out, events are dropped, for they are part of it. */
  #resyncing = false;

  constructor(options: PumpOptions) {
    this.#options = options;
  }

  /** The number that a state sent now carries; what was held back is part of that state. */
  begin(): number {
    this.#held = [];
    this.#started = true;
    this.#resyncing = false;
    this.#acknowledged = this.#seq;
    return this.#seq;
  }

  push(event: ViewEvent): void {
    if (!this.#started || this.#resyncing) return;
    joined(this.#held, event);
    if (this.#held.length <= maxHeld) {
      this.#schedule();
      return;
    }
    this.#held = [];
    this.#resyncing = true;
    this.#options.resync();
  }

  acknowledge(seq: number): void {
    // A webview may not acknowledge what was never sent.
    this.#acknowledged = Math.max(this.#acknowledged, Math.min(seq, this.#seq));
    if (this.#held.length > 0) this.#schedule();
  }

  /** The webview is gone: events are dropped until the next state. */
  stop(): void {
    this.#started = false;
    this.#resyncing = false;
    this.#held = [];
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.#frame?.[Symbol.dispose]();
    this.#frame = undefined;
  }

  #schedule(): void {
    if (this.#seq - this.#acknowledged >= maxUnderWay) return;
    this.#frame ??= this.#options.nextFrame(() => {
      this.#frame = undefined;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#held.length === 0) return;
    const events = this.#held;
    this.#held = [];
    this.#seq++;
    this.#options.post({ type: 'events', seq: this.#seq, events });
  }
}

/** Appends an event; a delta right after one of the same text becomes part of it. */
function joined(held: ViewEvent[], event: ViewEvent): void {
  const last = held.at(-1);
  if (event.type !== 'message.part.delta' || last?.type !== 'message.part.delta') {
    held.push(event);
    return;
  }
  const { partID, field, delta } = event.properties;
  if (last.properties.partID !== partID || last.properties.field !== field) held.push(event);
  else
    held[held.length - 1] = {
      ...last,
      properties: { ...last.properties, delta: last.properties.delta + delta },
    };
}
