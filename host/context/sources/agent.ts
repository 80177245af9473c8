import * as Schema from 'effect/Schema';
import { type ContextSource, defineSource } from '../context-source.ts';

const Agent = Schema.Struct({ name: Schema.String, instructions: Schema.String });

/** Who the model is in this turn. */
export function agentSource(): ContextSource {
  return defineSource<typeof Agent.Type>({
    key: 'agent',
    codec: Agent,
    observe: async ({ agent: { name, instructions } }) => ({ name, instructions }),
    baseline: ({ instructions }) => instructions,
    update: ({ name, instructions }) =>
      `The agent is now "${name}". Its instructions replace those before:\n${instructions}`,
    removal: () => 'The instructions of the agent no longer hold.',
  });
}
