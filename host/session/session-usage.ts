import { type AssistantMessage, noTokens, type TokenUsage } from '#shared/message.ts';
import type { Session } from '#shared/session.ts';

/** What a request to a model took: US dollars and tokens. */
export interface Spent {
  readonly cost: number;
  readonly tokens: TokenUsage;
}

/** A session's header after a turn has ended: its tokens and cost are added (RT-20). Pure, for appliers. */
export function withUsage(session: Session, turn: AssistantMessage): Session {
  const time = { ...session.time, updated: turn.time.completed ?? session.time.updated };
  return { ...withSpent(session, turn), time };
}

/** A session's header after a request that belongs to no turn, such as that for a title. */
export function withSpent(session: Session, { cost, tokens }: Spent): Session {
  return { ...session, cost: session.cost + cost, tokens: addTokens(session.tokens, tokens) };
}

/** A parent's header after a turn of a session below it has ended. */
export function withChildUsage(session: Session, turn: AssistantMessage): Session {
  const { cost, tokens } = session.children ?? { cost: 0, tokens: noTokens };
  return { ...session, children: { cost: cost + turn.cost, tokens: addTokens(tokens, turn.tokens) } };
}

function addTokens(a: TokenUsage, b: TokenUsage): TokenUsage {
  return {
    input: a.input + b.input,
    output: a.output + b.output,
    reasoning: a.reasoning + b.reasoning,
    cache: { read: a.cache.read + b.cache.read, write: a.cache.write + b.cache.write },
  };
}
