import { HostError } from '#shared/host-error.ts';
import type { Notice } from '#shared/notice.ts';
import type { SnapshotPolicy } from './snapshot-policy.ts';
import type { StoreState } from './state.ts';

/** What the store's worker is started with. */
export interface WorkerStart {
  readonly directory: string;
  readonly wasmUrl: string;
  readonly ownership: 'take-over' | 'refuse' | 'read';
  readonly surface: string;
  readonly lifetime: 'long' | 'short';
  readonly policy: SnapshotPolicy;
}

/** From the store's owner to its worker; answered in this order. */
export type Request =
  | {
      readonly type: 'commit';
      readonly id: number;
      readonly time: number;
      /** JSON of the list of events: as it will be kept, and faster between threads than objects. */
      readonly events: string;
    }
  | { readonly type: 'read'; readonly id: number; readonly name: string; readonly args: unknown }
  | { readonly type: 'erase'; readonly id: number; readonly shelf: string }
  | { readonly type: 'close' };

/** From the worker. */
export type Report =
  | { readonly type: 'opened' }
  | { readonly type: 'refused'; readonly error: PlainError }
  | { readonly type: 'replies'; readonly replies: readonly Reply[] }
  | { readonly type: 'state'; readonly state: StoreState }
  | { readonly type: 'notice'; readonly notice: Notice }
  | { readonly type: 'defect'; readonly error: PlainError }
  | { readonly type: 'closed' };

/** A commit's value is the `seq` of its last event; its events count up to that. */
export type Reply =
  | { readonly type: 'done'; readonly id: number; readonly value: unknown }
  | { readonly type: 'failed'; readonly id: number; readonly error: PlainError };

/** An error on its way between threads. */
export interface PlainError {
  /** Of a HostError; undefined for a defect. */
  readonly code: string | undefined;
  readonly message: string;
  readonly stack: string;
  readonly data: Readonly<Record<string, string | number>>;
}

export function toPlain(error: unknown): PlainError {
  if (!(error instanceof Error)) return { code: undefined, message: String(error), stack: '', data: {} };
  const { message, stack = '' } = error;
  return error instanceof HostError
    ? { code: error.code, message, stack, data: error.data }
    : { code: undefined, message, stack, data: {} };
}

/** The error again. A defect of the worker's code becomes `store.defect`, with the worker's stack. */
export function fromPlain({ code, message, stack, data }: PlainError): HostError {
  const error = new HostError(code ?? 'store.defect', message, { data });
  error.stack = stack;
  return error;
}
