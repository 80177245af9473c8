import type { ReadOnly } from './state.ts';

/** Whether an engine may write into its folder. */
export type Ownership =
  | { readonly type: 'owner'; readonly fence: Fence }
  /** The folder could not be claimed: it cannot be written, or a new owner asked for it meanwhile. */
  | { readonly type: 'none'; readonly state: ReadOnly };

/** The claim on the folder, as far as writing depends on it. */
export interface Fence {
  readonly epoch: number;
  /** False once a later owner has claimed the folder. Looked at before each acknowledgement. */
  holds(): boolean;
  /** The surface of that later owner. */
  successor(): string;
  /** Blocks until `check` is true, for as long as that owner may take to open the folder. */
  waitFor(check: () => boolean): void;
}
