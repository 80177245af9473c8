import * as Schema from 'effect/Schema';
import type { LocalServer } from '../../llm/local/probe.ts';

const optional = Schema.optionalKey;

const KnownModel = Schema.Struct({
  id: Schema.String,
  contextTokens: optional(Schema.Int),
  maxContextTokens: optional(Schema.Int),
  tools: optional(Schema.Boolean),
  /** Its server had it when it answered last. */
  isThere: Schema.Boolean,
});
type KnownModel = typeof KnownModel.Type;

/** A server that answered once, with the models that it was ever seen with: those that it has now first. */
export const KnownServer = Schema.Struct({
  kind: Schema.Literals(['ollama', 'lm-studio', 'llama.cpp', 'docker-model-runner', 'vllm', 'other']),
  /** Chats are below it. */
  baseURL: Schema.String,
  /** It answered when it was last looked for. */
  isThere: Schema.Boolean,
  models: Schema.Array(KnownModel),
});
export type KnownServer = typeof KnownServer.Type;

export type KnownServers = readonly KnownServer[];

/** A server may list whatever it likes: more are neither offered nor remembered. */
const mostModels = 500;
const mostServers = 20;

/** What is known once a server has answered; of the others nothing is known anew. */
export function withServer(known: KnownServers, { kind, baseURL, models }: LocalServer): KnownServers {
  const before = known.find((each) => isSame(each, { kind, baseURL }));
  const listed = models.map((model): KnownModel => ({ ...model, isThere: true }));
  const all = uniqueModels([...listed, ...away(before?.models ?? [])]);
  const now: KnownServer = { kind, baseURL, isThere: true, models: all };
  if (before) return known.map((each) => (each === before ? now : each));
  return [...known, now].slice(-mostServers);
}

/** What is known once all places were looked at: who did not answer is not there. */
export function afterLook(known: KnownServers, found: readonly LocalServer[]): KnownServers {
  const gone = known.map((each) =>
    found.some((server) => isSame(server, each)) ? each : { ...each, isThere: false },
  );
  return found.reduce(withServer, gone);
}

/** What another window has learned is kept: nobody here has seen it, and so it is not there. */
export function withOthers(mine: KnownServers, theirs: KnownServers): KnownServers {
  const joined = mine.map((each) => {
    const other = theirs.find((server) => isSame(server, each));
    return other ? { ...each, models: uniqueModels([...each.models, ...away(other.models)]) } : each;
  });
  const only = theirs.filter((each) => !mine.some((server) => isSame(server, each)));
  return [...only.map((each) => ({ ...each, isThere: false })), ...joined].slice(-mostServers);
}

function away(models: readonly KnownModel[]): readonly KnownModel[] {
  return models.map((model) => ({ ...model, isThere: false }));
}

/** Of two with one name the first. */
function uniqueModels(models: readonly KnownModel[]): readonly KnownModel[] {
  const byID = new Map<string, KnownModel>();
  for (const model of models) if (!byID.has(model.id)) byID.set(model.id, model);
  return [...byID.values()].slice(0, mostModels);
}

/** Another kind at the same place is another server. */
function isSame(a: Pick<KnownServer, 'kind' | 'baseURL'>, b: Pick<KnownServer, 'kind' | 'baseURL'>): boolean {
  return a.kind === b.kind && a.baseURL === b.baseURL;
}
