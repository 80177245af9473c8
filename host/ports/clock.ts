/** Time, asked for and never taken, so that tests move it. */
export interface Clock {
  /** Wall time in milliseconds since the epoch: for people, never for order. */
  now(): number;
  /** Milliseconds that only grow: for durations and deadlines. */
  monotonic(): number;
  /** Calls `fire` once after `ms`; disposing before that calls it never. Does not keep the process alive. */
  after(ms: number, fire: () => void): Disposable;
}
