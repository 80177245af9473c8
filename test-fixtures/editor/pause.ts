import { setTimeout as delay } from 'node:timers/promises';

/** Waits between two looks at something that sends no event. Rejects with the signal's reason when aborted. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
