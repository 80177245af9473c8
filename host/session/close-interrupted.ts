import type { SessionID } from '#shared/ids.ts';
import type { MessageError } from '#shared/message.ts';
import type { ToolPart } from '#shared/part.ts';
import type { MessageWithParts } from '#shared/session.ts';
import type { Permissions } from '../permission/permissions.ts';
import type { Clock } from '../ports/clock.ts';
import { interruptedError } from './errors.ts';
import { endedTurn } from './runner/finish-turn.ts';
import type { OpenTurn } from './runner/next-step.ts';
import type { SessionEvent } from './session-events.ts';
import type { SessionStore } from './session-store.ts';

export interface RecoverWorld {
  readonly store: SessionStore;
  readonly permissions: Permissions;
  readonly clock: Clock;
}

export interface CloseOptions {
  /** Only turns of this session. */
  readonly sessionID?: SessionID;
  /** What ended them, if not an interruption. */
  readonly error?: MessageError;
  /** Also calls that only wait for an answer: nobody will give it any more. */
  readonly waiting?: 'close';
  /**
   * Also calls that have their answer and were not begun: the drain that had it failed, and to run them with a later one
   * would be unasked. After the end of a process they are taken up instead, at once (decision 7).
   */
  readonly answered?: 'close';
}

/**
 * Closes what a crash left open (RT-12): turns whose stream was cut and calls that had begun end as interrupted, and
 * nothing is repeated. Calls that only wait for an answer had no effect: they and their turn stay open (decision 7).
 * Returns the number of turns that were closed.
 */
export async function closeInterrupted(
  { store, permissions, clock }: RecoverWorld,
  { sessionID, error = interruptedError, waiting, answered }: CloseOptions = {},
): Promise<number> {
  let closed = 0;
  const open = await store.read('session.open-turns');
  for (const turn of open.filter(({ info }) => sessionID === undefined || info.sessionID === sessionID)) {
    const calls = turn.parts.filter((part) => part.type === 'tool').filter(isOpen);
    const waits = await Promise.all(
      calls.map((call) => isWaiting(turn, call, { permissions, isOver: answered === 'close' })),
    );
    const cut = calls.flatMap((call, index): SessionEvent[] => {
      if (!waits[index]) return [interruptedCall(call, clock.now())];
      return waiting === 'close' ? [interruptedCall(call, clock.now(), notRun)] : [];
    });
    const ends =
      waits.includes(true) && waiting !== 'close' ? [] : [endedTurn(turn.info, clock.now(), error)];
    if (cut.length + ends.length > 0)
      await store.commit([...cut, ...closedTexts(turn, clock.now()), ...ends]);
    closed += ends.length;
  }
  return closed;
}

function isOpen({ state }: ToolPart): boolean {
  return state.status === 'pending' || state.status === 'running';
}

/**
 * The stream was complete, the call was asked for, and its effects had not begun: that is durable before the first of
 * them. An answer does not change that, and is still to be acted on, unless the drain that got it is over (`isOver`).
 */
async function isWaiting(
  { info }: OpenTurn,
  call: ToolPart,
  { permissions, isOver }: { readonly permissions: Permissions; readonly isOver: boolean },
): Promise<boolean> {
  if (info.finish === undefined || call.state.status !== 'pending') return false;
  const rows = await permissions.ofCall(call);
  return rows.some(({ reply }) => !isOver || reply === undefined);
}

const notKnown =
  'The call was interrupted: Millrace stopped while it ran. Whether it took effect is not known.';
/** The letter of a call that was taken back before it ran. */
export const notRun = 'The call was not run: the user took it back while it waited for an answer.';

function interruptedCall(part: ToolPart, now: number, text = notKnown): SessionEvent {
  const state = {
    status: 'error' as const,
    input: part.state.input,
    error: text,
    failure: 'interrupted' as const,
    time: { start: part.state.status === 'running' ? part.state.time.start : now, end: now },
  };
  return { type: 'session.tool.settled', part: { ...part, state } };
}

/** Texts that were still growing end where they were. */
function closedTexts({ parts }: MessageWithParts, now: number): readonly SessionEvent[] {
  return parts.flatMap((part): SessionEvent[] => {
    if (part.type !== 'text' && part.type !== 'reasoning') return [];
    if (part.time?.end !== undefined) return [];
    const time = { start: part.time?.start ?? now, end: now };
    return [{ type: 'session.part.kept', part: { ...part, time } }];
  });
}
