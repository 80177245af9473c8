import type { TokenUsage } from '#shared/message.ts';
import type { Session } from '#shared/session.ts';

/** What a session and the sessions below it have used. Dollars, and tokens by kind. */
export interface Spent {
  readonly cost: number;
  readonly tokens: TokenUsage;
  /** The part of the cost that child sessions have; absent where there are none. */
  readonly children?: number;
  readonly isNothing: boolean;
}

export function spentBy({ cost, tokens, children }: Session): Spent {
  const all = children ? sum(tokens, children.tokens) : tokens;
  const whole = cost + (children?.cost ?? 0);
  const { input, output, reasoning, cache } = all;
  return {
    cost: whole,
    tokens: all,
    ...(children ? { children: children.cost } : {}),
    isNothing: whole === 0 && input + output + reasoning + cache.read + cache.write === 0,
  };
}

function sum(a: TokenUsage, b: TokenUsage): TokenUsage {
  return {
    input: a.input + b.input,
    output: a.output + b.output,
    reasoning: a.reasoning + b.reasoning,
    cache: { read: a.cache.read + b.cache.read, write: a.cache.write + b.cache.write },
  };
}
