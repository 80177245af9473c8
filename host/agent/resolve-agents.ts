import { parseModel } from '#shared/parse-model.ts';
import type { AgentLayer, Config } from '../config/config.ts';
import type { AgentConfig } from '../config/config-schema.ts';
import { rulesOf, rulesOfTools } from '../config/permission-rules.ts';
import type { Agent } from './agent.ts';
import { builtinAgents } from './builtin-agents.ts';

/**
 * The agents of a Location: the built-in ones, changed and added to by the configuration, in a stable order. A name
 * keeps what it was first defined as, its default rules and the user's, even through a removal; and a project neither
 * removes nor brings back any agent but its own.
 */
export function resolveAgents(config: Config, homeDirectory: string): ReadonlyMap<string, Agent> {
  const known = new Map(builtinAgents.map((agent) => [agent.name, agent]));
  const removed = new Set<string>();
  const ofProject = new Set<string>();
  for (const layer of config.agents) {
    const { name, from } = layer;
    const below = known.get(name);
    if (below === undefined && from === 'project') ofProject.add(name);
    known.set(name, overlay(below ?? custom(layer), layer, homeDirectory));
    const isOwner = from === 'user' || ofProject.has(name);
    if (isOwner && layer.config.disable) removed.add(name);
    else if (isOwner) removed.delete(name);
  }
  return new Map([...known].filter(([name]) => !removed.has(name)));
}

function custom({ name, config }: AgentLayer): Agent {
  const [build] = builtinAgents;
  if (!build) throw new Error('There is always a first built-in agent');
  const defaults = config.mode === 'subagent' ? 'general' : 'build';
  return { ...build, name, description: '', mode: 'all', defaults };
}

/** A prompt in the configuration replaces the agent's instructions whole, as in OpenCode. */
function overlay(below: Agent, { from, config }: AgentLayer, homeDirectory: string): Agent {
  const model = config.model === undefined ? undefined : parseModel(config.model);
  const steps = config.steps ?? config.maxSteps;
  const rules = [...rulesOfTools(config.tools), ...rulesOf(config.permission, homeDirectory)];
  return {
    ...below,
    ...given(config, 'description'),
    ...given(config, 'mode'),
    ...given(config, 'hidden'),
    ...given(config, 'temperature'),
    ...(config.prompt === undefined ? {} : { instructions: config.prompt }),
    ...(config.top_p === undefined ? {} : { topP: config.top_p }),
    ...(model === undefined ? {} : { model }),
    ...(steps === undefined ? {} : { steps }),
    rules: { ...below.rules, [from]: [...below.rules[from], ...rules] },
  };
}

function given<K extends keyof AgentConfig>(config: AgentConfig, key: K): Pick<AgentConfig, K> | object {
  return config[key] === undefined ? {} : { [key]: config[key] };
}
