import { parseModel } from '#shared/parse-model.ts';
import type { AgentLayer, Config } from '../config/config.ts';
import type { AgentConfig } from '../config/config-schema.ts';
import { rulesOf, rulesOfTools } from '../config/permission-rules.ts';
import type { Agent } from './agent.ts';
import { builtinAgents } from './builtin-agents.ts';

/** The agents of a Location: the built-in ones, changed and added to by the configuration, in a stable order. */
export function resolveAgents(config: Config, homeDirectory: string): ReadonlyMap<string, Agent> {
  const agents = new Map(builtinAgents.map((agent) => [agent.name, agent]));
  for (const layer of config.agents) {
    if (layer.config.disable) agents.delete(layer.name);
    else agents.set(layer.name, overlay(agents.get(layer.name) ?? custom(layer.name), layer, homeDirectory));
  }
  return agents;
}

function custom(name: string): Agent {
  const [build] = builtinAgents;
  if (!build) throw new Error('There is always a first built-in agent');
  return { ...build, name, description: '', mode: 'all' };
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
    defaults: below.defaults === 'plan' ? 'plan' : config.mode === 'subagent' ? 'general' : below.defaults,
    rules: { ...below.rules, [from]: [...below.rules[from], ...rules] },
  };
}

function given<K extends keyof AgentConfig>(config: AgentConfig, key: K): Pick<AgentConfig, K> | object {
  return config[key] === undefined ? {} : { [key]: config[key] };
}
