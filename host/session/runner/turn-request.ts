import type { MessageWithParts } from '#shared/session.ts';
import type { LLMRequest, LLMTool } from '../../llm/schema.ts';
import { isDeniedWhole } from '../../permission/evaluate.ts';
import type { ToolRegistry } from '../../tool/registry.ts';
import { toMessages } from '../history/to-messages.ts';
import type { TurnPlan } from './turn-plan.ts';

/** What an answer may take at most where the configuration names no limit, and where it names a very large one. */
const maxOutputTokens = 32_000;

export interface RequestFacts {
  readonly sessionID: string;
  readonly baseline: string;
  readonly history: readonly MessageWithParts[];
  readonly tools: ToolRegistry;
}

/** The one request of a provider turn. Equal facts give an equal request. */
export function turnRequest({ agent, model, layers }: TurnPlan, facts: RequestFacts): LLMRequest {
  const { context, output } = model.limit;
  return {
    model: model.wireID,
    system: [facts.baseline],
    messages: [...toMessages(facts.history, model.ref)],
    tools: toolsFor(facts.tools, layers),
    generation: {
      ...(output || context ? { maxOutputTokens: Math.min(output || maxOutputTokens, maxOutputTokens) } : {}),
      ...(agent.temperature === undefined ? {} : { temperature: agent.temperature }),
      ...(agent.topP === undefined ? {} : { topP: agent.topP }),
    },
    options: model.options,
    sessionID: facts.sessionID,
  };
}

/** A tool that could never be allowed is not offered. */
function toolsFor(tools: ToolRegistry, layers: TurnPlan['layers']): LLMTool[] {
  return [...tools.definitions((permission) => isDeniedWhole(layers, permission))];
}
