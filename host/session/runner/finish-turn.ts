import type { AssistantMessage, MessageError } from '#shared/message.ts';
import type { ToolState } from '#shared/part.ts';
import { interruptedError } from '../errors.ts';
import type { SessionEvent } from '../session-events.ts';
import type { OpenTurn } from './next-step.ts';
import { type SettledCalls, type SettleOptions, type SettleWorld, settleCalls } from './settle-calls.ts';

/**
 * Settles the calls of a streamed turn and ends it; returns whether its results want another turn.
 * An interruption ends it too, and is rethrown; calls that still wait for an answer when the host closes leave the
 * turn open (decision 7).
 */
export async function finishTurn(
  turn: OpenTurn,
  options: SettleOptions,
  world: SettleWorld,
): Promise<boolean> {
  const settled = await settleCalls(turn, options, world);
  const { signal } = options;
  if (signal.aborted) {
    const ended = settled.waiting ? [] : [endedTurn(turn.info, world.clock.now(), interruptedError)];
    world.traces.turn(turn.info).end({ error: 'interrupted' });
    await world.commit(ended);
    signal.throwIfAborted();
  }
  const info = (await isBareRejection(settled, turn, world))
    ? { ...turn.info, finish: 'rejected' }
    : turn.info;
  world.traces.turn(turn.info).end(endFacts(info));
  world.carry([endedTurn(info, world.clock.now())]);
  return info.finish === 'tool-calls';
}

/** What a trace tells of a turn's end. */
export function endFacts({ finish = '', tokens, cost, error }: AssistantMessage) {
  const { input, output, reasoning, cache } = tokens;
  const facts = { finish, input, output, reasoning, cacheRead: cache.read, cacheWrite: cache.write, cost };
  return error ? { ...facts, error: error.data.code } : facts;
}

/** The end of a turn, with its error if it had one. */
export function endedTurn(info: AssistantMessage, now: number, error?: MessageError): SessionEvent {
  const time = { ...info.time, completed: now };
  return { type: 'session.turn.ended', info: { ...info, ...(error ? { error } : {}), time } };
}

/** A refusal without a word to the model means: stop, I take over. */
async function isBareRejection(
  { states }: SettledCalls,
  turn: OpenTurn,
  { permissions }: SettleWorld,
): Promise<boolean> {
  const rejected = [...states].filter(([, state]) => isRejected(state)).map(([callID]) => callID);
  const key = { sessionID: turn.info.sessionID, messageID: turn.info.id };
  const asked = await Promise.all(rejected.map((callID) => permissions.ofCall({ ...key, callID })));
  return asked.flat().some(({ reply }) => reply?.type === 'reject' && reply.message === undefined);
}

function isRejected(state: ToolState): boolean {
  return state.status === 'error' && state.failure === 'rejected';
}
