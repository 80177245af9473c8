import type { AssistantMessage, TokenUsage } from '#shared/message.ts';
import type { Session } from '#shared/session.ts';

/** A session's header after a turn has ended: its tokens and cost are added (RT-20). Pure, for appliers. */
export function withUsage(session: Session, turn: AssistantMessage): Session {
  return {
    ...session,
    cost: session.cost + turn.cost,
    tokens: addTokens(session.tokens, turn.tokens),
    time: { ...session.time, updated: turn.time.completed ?? session.time.updated },
  };
}

function addTokens(a: TokenUsage, b: TokenUsage): TokenUsage {
  return {
    input: a.input + b.input,
    output: a.output + b.output,
    reasoning: a.reasoning + b.reasoning,
    cache: { read: a.cache.read + b.cache.read, write: a.cache.write + b.cache.write },
  };
}
