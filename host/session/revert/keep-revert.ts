import type { MessageID, SessionID } from '#shared/ids.ts';
import type { Session } from '#shared/session.ts';
import type { FileChange } from '../../snapshot/file-state.ts';
import type { KeptContents } from '../../snapshot/kept-contents.ts';
import type { RecoverWorld } from '../close-interrupted.ts';
import type { LocationServices } from '../location-services.ts';
import type { SessionGate } from '../session-gate.ts';

export interface RevertWorld extends RecoverWorld {
  readonly kept: KeptContents;
  readonly gate: SessionGate;
  readonly locate: (session: Session) => Promise<LocationServices>;
  readonly isBusy: (id: SessionID) => boolean;
  readonly wake: (id: SessionID) => void;
  /** Nothing of a session's files is half done any more. */
  readonly onRevertSettled: (id: SessionID, settled: Settled) => void;
}

export interface Settled {
  /** Files that were to be brought where they belong and were not: changed by somebody else, or not to be written. */
  readonly left: readonly string[];
  readonly to: 'back' | 'forth';
}

/** A prompt of a session's history. */
export interface RevertPoint {
  readonly id: SessionID;
  readonly messageID: MessageID;
}

/** Makes a revert durable; `isUnfinished` while its files are on their way. */
export async function keepRevert(
  { id, messageID }: RevertPoint,
  { files, isUnfinished = false }: { readonly files: readonly FileChange[]; readonly isUnfinished?: boolean },
  { store, clock }: Pick<RevertWorld, 'store' | 'clock'>,
): Promise<void> {
  const unfinished = isUnfinished ? { unfinished: true as const } : {};
  const time = clock.now();
  await store.commit([{ type: 'session.reverted', sessionID: id, messageID, files, ...unfinished, time }]);
}
