import type { AssistantMessage } from '#shared/message.ts';
import { endedTurn } from './finish-turn.ts';
import type { OpenTurn } from './next-step.ts';
import { recordStream, type StreamFacts } from './record-stream.ts';
import type { DrainWorld } from './runner.ts';

export type Streamed =
  /** The turn has calls to settle. */
  | { readonly type: 'calls'; readonly turn: OpenTurn }
  | { readonly type: 'ended' }
  /** The request was too long, and nothing was answered: the turn is still open, with its error. */
  | { readonly type: 'overflow'; readonly info: AssistantMessage };

/** The one call of the model in a provider turn (RT-04). */
export async function streamTurn(facts: StreamFacts, world: DrainWorld): Promise<Streamed> {
  const { end, info, settled, began } = await recordStream(facts, world);
  if (end.type === 'error' && end.error.code === 'overflow' && !began) return { type: 'overflow', info };
  if (end.type === 'finish' && end.calls.length > 0) {
    const { error: _, ...streamed } = info;
    const called: AssistantMessage = { ...streamed, finish: 'tool-calls' };
    world.keep([...settled, { type: 'session.turn.streamed', info: called }]);
    return { type: 'calls', turn: { info: called, parts: end.calls } };
  }
  world.carry([...settled, endedTurn(info, world.clock.now())]);
  return { type: 'ended' };
}
