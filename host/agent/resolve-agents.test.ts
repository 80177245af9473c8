import { expect, test } from 'vitest';
import type { AgentLayer, Config } from '../config/config.ts';
import { isDeniedWhole } from '../permission/evaluate.ts';
import { locationRules } from '../permission/location-rules.ts';
import { resolveAgents } from './resolve-agents.ts';

function agentsOf(...agents: readonly AgentLayer[]) {
  const config: Config = {
    disabledProviders: [],
    providers: {},
    permission: { user: [], project: [] },
    agents,
    instructions: [],
    notices: [],
  };
  return resolveAgents(config, '/home/me');
}

const shown = (agents: ReturnType<typeof resolveAgents>) =>
  [...agents.values()].filter(({ hidden }) => !hidden).map(({ name }) => name);

test('the agents for Compaction, titles and summaries are there, hidden, and may use nothing (TL-01)', () => {
  const agents = agentsOf({ name: 'title', from: 'user', config: { prompt: 'Name it.', model: 'a/b' } });
  const hidden = [...agents.values()].filter((agent) => agent.hidden);
  expect(hidden.map(({ name }) => name)).toEqual(['compaction', 'title', 'summary']);
  for (const agent of hidden) {
    const rules = locationRules({ user: [], project: [] }, agent, true);
    for (const tool of ['read', 'edit', 'shell', 'task', 'anything'])
      expect(isDeniedWhole(rules, tool)).toBe(true);
  }
  expect(agents.get('title')).toMatchObject({
    instructions: 'Name it.',
    model: { providerID: 'a', modelID: 'b' },
  });
});

test('the user turns a hidden agent off, a project does not (TL-01)', () => {
  expect(agentsOf({ name: 'title', from: 'user', config: { disable: true } }).has('title')).toBe(false);
  expect(agentsOf({ name: 'title', from: 'project', config: { disable: true } }).has('title')).toBe(true);
});

test('a project removes no agent but its own', () => {
  const agents = agentsOf(
    { name: 'mine', from: 'user', config: { prompt: 'mine' } },
    { name: 'mine', from: 'project', config: { disable: true } },
    { name: 'plan', from: 'project', config: { disable: true } },
    { name: 'theirs', from: 'project', config: {} },
    { name: 'theirs', from: 'project', config: { disable: true } },
  );
  expect(shown(agents)).toEqual(['build', 'plan', 'mine']);
});

test('an agent that is defined again keeps its default rules and the rules of the user', () => {
  const deny = { permission: 'edit', pattern: '*', action: 'deny' } as const;
  const agents = agentsOf(
    { name: 'mine', from: 'user', config: { permission: { edit: 'deny' } } },
    { name: 'mine', from: 'project', config: { disable: true } },
    { name: 'mine', from: 'project', config: { mode: 'subagent', permission: { edit: 'allow' } } },
    { name: 'plan', from: 'project', config: { disable: true } },
    { name: 'plan', from: 'project', config: { mode: 'primary', prompt: 'edit all' } },
  );
  expect(agents.get('mine')).toMatchObject({ defaults: 'build', rules: { user: [deny] } });
  expect(agents.get('plan')).toMatchObject({ defaults: 'plan' });
});

test('a project does not bring back an agent that the user removed, and the user gets it back as it was', () => {
  const removed: AgentLayer = { name: 'plan', from: 'user', config: { disable: true } };
  expect(agentsOf(removed, { name: 'plan', from: 'project', config: { prompt: 'x' } }).has('plan')).toBe(
    false,
  );
  const back = agentsOf(removed, { name: 'plan', from: 'user', config: { prompt: 'x' } });
  expect(back.get('plan')).toMatchObject({ defaults: 'plan' });
});
