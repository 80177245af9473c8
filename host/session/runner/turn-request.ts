import type { MessageWithParts } from '#shared/session.ts';
import type { LLMRequest, LLMTool } from '../../llm/schema.ts';
import { isDeniedWhole } from '../../permission/evaluate.ts';
import type { ToolRegistry } from '../../tool/registry.ts';
import { answerRoom } from '../compaction/usable-context.ts';
import { toMessages } from '../history/to-messages.ts';
import type { TurnPlan } from './turn-plan.ts';

export interface RequestFacts {
  readonly sessionID: string;
  readonly baseline: string;
  readonly history: readonly MessageWithParts[];
  readonly tools: ToolRegistry;
}

/** The one request of a provider turn. Equal facts give an equal request. */
export function turnRequest(plan: TurnPlan, facts: RequestFacts): LLMRequest {
  const { model, layers } = plan;
  return {
    model: model.wireID,
    system: [facts.baseline],
    messages: [...toMessages(facts.history, model.ref)],
    tools: toolsFor(facts.tools, layers),
    generation: generationOf(plan),
    options: model.options,
    sessionID: facts.sessionID,
  };
}

/** A request for a text about a conversation: the agent's instructions, what it is about, and no tools. */
export function textRequest(plan: TurnPlan, { text, sessionID }: TextFacts): LLMRequest {
  return {
    model: plan.model.wireID,
    system: [plan.agent.instructions],
    messages: [{ type: 'user', content: [{ type: 'text', text }] }],
    tools: [],
    generation: generationOf(plan),
    options: plan.model.options,
    sessionID,
  };
}

export interface TextFacts {
  readonly sessionID: string;
  readonly text: string;
}

function generationOf({ agent, model }: TurnPlan): LLMRequest['generation'] {
  const { limit, generation, compatibility } = model;
  const { temperature = generation.temperature, topP = generation.topP } = agent;
  return {
    ...generation,
    ...(limit.output || limit.context ? { maxOutputTokens: answerRoom(limit) } : {}),
    ...(temperature === undefined || !compatibility.temperature ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
  };
}

/** A tool that could never be allowed is not offered. */
function toolsFor(tools: ToolRegistry, layers: TurnPlan['layers']): LLMTool[] {
  return [...tools.definitions((permission) => isDeniedWhole(layers, permission))];
}
