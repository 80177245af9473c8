import * as Schema from 'effect/Schema';
import type { Ask } from './ask.ts';
import { type LocalModel, read } from './servers.ts';

/** What Ollama tells of one model; `chats`: false for what only makes vectors, absent where it does not say. */
export type ShownModel = Omit<LocalModel, 'id'> & { readonly chats?: boolean };

/** Source: https://docs.ollama.com/api-reference/show-model-details */
const Shown = Schema.Struct({
  capabilities: Schema.optionalKey(Schema.NullOr(Schema.Array(Schema.String))),
  /** Lines such as `num_ctx 8192`. */
  parameters: Schema.optionalKey(Schema.NullOr(Schema.String)),
  model_info: Schema.optionalKey(Schema.NullOr(Schema.Record(Schema.String, Schema.Unknown))),
});

const givenContext = /^num_ctx\s+(\d+)/m;

/** Asks Ollama for what its list of models does not have; nothing where it does not answer. */
export async function showModel(ask: Ask, id: string): Promise<ShownModel> {
  const facts = read(Shown, await ask('/api/show', { model: id }));
  const given = Number(givenContext.exec(facts?.parameters ?? '')?.[1] ?? 0);
  const [, most] =
    Object.entries(facts?.model_info ?? {}).find(([key]) => key.endsWith('.context_length')) ?? [];
  const able = facts?.capabilities;
  return {
    ...(able && { tools: able.includes('tools'), chats: able.includes('completion') }),
    ...(given > 0 && { contextTokens: given }),
    ...(typeof most === 'number' && { maxContextTokens: most }),
  };
}
