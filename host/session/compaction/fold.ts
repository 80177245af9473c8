import type { MessageID, PartID } from '#shared/ids.ts';
import type { AssistantMessage, MessageError } from '#shared/message.ts';
import type { CompactionPart } from '#shared/part.ts';
import type { MessageWithParts, Session } from '#shared/session.ts';
import { hostError } from '../errors.ts';
import type { LocationServices, LocationState } from '../location-services.ts';
import { startedTurn } from '../runner/boundary.ts';
import { endedTurn } from '../runner/finish-turn.ts';
import { recordStream } from '../runner/record-stream.ts';
import type { DrainWorld } from '../runner/runner.ts';
import { type Planned, planFor, type TurnPlan } from '../runner/turn-plan.ts';
import { textRequest } from '../runner/turn-request.ts';
import type { SessionEvent } from '../session-events.ts';
import type { Tail } from './choose-tail.ts';
import { estimateTokens, historyTokens } from './estimate-tokens.ts';
import { transcriptRoom } from './rooms.ts';
import { summaryPrompt } from './summary-prompt.ts';
import { transcriptOf } from './transcript.ts';

export interface FoldFacts {
  readonly session: Session;
  readonly services: LocationServices;
  readonly state: LocationState;
  readonly reason: CompactionPart['reason'];
  readonly history: readonly MessageWithParts[];
  readonly tail: Tail;
  /** Tokens that the last provider turn had in its context. */
  readonly fill: number | undefined;
  readonly parentID: MessageID;
  readonly signal: AbortSignal;
  /** Facts that belong into the commit of the end; without an error, history is folded. */
  readonly withEnd?: (error?: MessageError) => readonly SessionEvent[];
}

/** The hidden agent that writes summaries. */
export const summarizer = 'compaction';

/**
 * Folds history into a summary: a turn of the hidden agent, shown and counted like any other. Only when it ended well is
 * history another one, in the commit of its end; else it stays as it was, and the turn says why. Whether it was folded.
 */
export async function fold(facts: FoldFacts, world: DrainWorld): Promise<boolean> {
  const { session, services, signal, withEnd = () => [] } = facts;
  const { planned, began, info } = beginFold(facts, world);
  const failed = (turn: AssistantMessage) => [endedTurn(turn, world.clock.now()), ...withEnd(turn.error)];
  if (planned.type === 'error') {
    await world.commit([...began, ...failed({ ...info, error: planned.error })]);
    return false;
  }
  await world.commit(began);
  const { plan } = planned;
  const request = textRequest(plan, { text: promptOf(facts, plan), sessionID: session.id });
  const streaming = { info, request, model: plan.model, signal, textOnly: true, whenCut: withEnd } as const;
  const recorded = await recordStream(streaming, world);
  const { settled } = recorded;
  const turn = recorded.hasText ? recorded.info : { error: hostError('compaction-empty'), ...recorded.info };
  if (turn.error) {
    await world.commit([...settled, ...failed(turn)]);
    return false;
  }
  const ended = endedTurn(turn, world.clock.now());
  await world.commit([...settled, ended, compacted(facts, turn, world), ...withEnd()]);
  // What the model had read is not before it any more (decision 9).
  services.forgetReads(session.id);
  return true;
}

interface Beginning {
  readonly planned: Planned;
  readonly info: AssistantMessage;
  readonly began: readonly SessionEvent[];
}

function beginFold(facts: FoldFacts, world: DrainWorld): Beginning {
  const { session, state, reason, parentID } = facts;
  const model = state.agents.get(summarizer)?.model ?? session.model;
  const turn = startedTurn({ session, agent: summarizer, parentID, ...(model ? { model } : {}) }, world);
  const info: AssistantMessage = { ...turn, summary: true };
  const { id: messageID, sessionID } = info;
  const id = world.ids.next('prt') as PartID;
  return {
    planned: planFor({ name: summarizer, ref: model }, state),
    info,
    began: [
      { type: 'session.turn.started', info },
      { type: 'session.part.kept', part: { id, sessionID, messageID, type: 'compaction', reason } },
    ],
  };
}

function promptOf({ history, tail, fill, reason }: FoldFacts, { model, agent }: TurnPlan): string {
  const lengths = { fill, history: historyTokens(history), overflowed: reason === 'overflow' };
  const room = transcriptRoom(model.limit, lengths) - estimateTokens(agent.instructions);
  const verbatim = new Set([...tail.answered, ...tail.kept]);
  return summaryPrompt(transcriptOf({ history, verbatim, room }));
}

function compacted(
  { session, tail }: FoldFacts,
  { id: summary }: AssistantMessage,
  { clock }: DrainWorld,
): SessionEvent {
  const { answered, kept } = tail;
  return {
    type: 'session.compacted',
    sessionID: session.id,
    summary,
    answered,
    kept,
    time: clock.now(),
  };
}
