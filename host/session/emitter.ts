import type { ViewEvent } from '#shared/events.ts';
import type { Log } from '../ports/log.ts';

export type ViewListener = (event: ViewEvent) => void;

/** Gives every view event to every subscriber, in order. */
export interface Emitter {
  emit(event: ViewEvent): void;
  subscribe(listener: ViewListener): Disposable;
}

/** A listener that throws is logged; the others still get the event. */
export function createEmitter(log: Log): Emitter {
  const listeners = new Set<ViewListener>();
  return {
    emit(event) {
      for (const listener of [...listeners]) {
        try {
          listener(event);
        } catch (error) {
          log.error('A subscriber of the view stream failed', error, { event: event.type });
        }
      }
    },
    subscribe(listener) {
      // Subscribing the same function twice makes two subscriptions.
      const own: ViewListener = (event) => listener(event);
      listeners.add(own);
      return { [Symbol.dispose]: () => void listeners.delete(own) };
    },
  };
}
