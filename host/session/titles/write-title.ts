import { noTokens, type TokenUsage } from '#shared/message.ts';
import { parseModel } from '#shared/parse-model.ts';
import type { Session } from '#shared/session.ts';
import { costOf } from '../../catalog/price.ts';
import { createLLM } from '../../llm/route.ts';
import type { LLMError } from '../../llm/schema.ts';
import { shortened } from '../compaction/transcript.ts';
import type { LocationState } from '../location-services.ts';
import { planFor, type TurnPlan } from '../runner/turn-plan.ts';
import { tokensOf } from '../runner/turn-recorder.ts';
import { textRequest } from '../runner/turn-request.ts';
import type { Spent } from '../session-usage.ts';
import { cleanTitle } from './clean-title.ts';

export type WrittenTitle =
  | { readonly type: 'title'; readonly title: string; readonly spent: Spent }
  | { readonly type: 'failed'; readonly code: LLMError['code'] | 'empty' };

/** Letters of the first prompt that a title is made from. */
const promptLetters = 4_000;
/** Enough for a model that thinks first, and an end to one that goes on talking. */
const answerTokens = 2_000;

/**
 * The hidden agent with its own model, else the configuration's small one, else a small one of the session's provider,
 * else the session's: the first there is.
 */
export function titlePlan({ model }: Session, state: LocationState): TurnPlan | undefined {
  const { agents, config, catalog } = state;
  const small = config.smallModel === undefined ? undefined : parseModel(config.smallModel);
  const sibling = model && catalog.smallModel(model);
  for (const ref of [agents.get('title')?.model, small, sibling, model]) {
    const planned = planFor({ name: 'title', ref }, state);
    if (planned.type === 'plan') return planned.plan;
  }
  return undefined;
}

/** Asks for a title of the first prompt: one request. Throws the signal's reason and nothing else. */
export async function writeTitle(
  plan: TurnPlan,
  { prompt, sessionID }: { readonly prompt: string; readonly sessionID: string },
  { signal }: { readonly signal: AbortSignal },
): Promise<WrittenTitle> {
  const text = `<message>\n${shortened(prompt, promptLetters)}\n</message>\n\nWrite its title.`;
  const request = textRequest(plan, { text, sessionID });
  const { maxOutputTokens = answerTokens } = request.generation;
  const generation = { ...request.generation, maxOutputTokens: Math.min(maxOutputTokens, answerTokens) };
  let answer = '';
  let tokens: TokenUsage = noTokens;
  for await (const event of createLLM(plan.model.route).stream({ ...request, generation }, { signal })) {
    if (event.type === 'text.delta') answer += event.text;
    if (event.type === 'usage') tokens = tokensOf(event);
    if (event.type === 'error') return { type: 'failed', code: event.error.code };
  }
  const title = cleanTitle(answer);
  if (title === undefined) return { type: 'failed', code: 'empty' };
  return { type: 'title', title, spent: { cost: costOf(tokens, plan.model.price), tokens } };
}
