import * as Schema from 'effect/Schema';
import type { Answer, Ask } from './ask.ts';

/** `other`: it lists models as OpenAI does, and does not say what it is. */
export type LocalServerKind = 'ollama' | 'lm-studio' | 'llama.cpp' | 'docker-model-runner' | 'vllm' | 'other';

export type LocalModel = {
  readonly id: string;
  /** Tokens that the server would take now; absent where it does not say. */
  readonly contextTokens?: number;
  /** Tokens that the model was made for; absent where the server does not say. */
  readonly maxContextTokens?: number;
  /** Whether it calls tools through the API; absent where the server does not say. */
  readonly tools?: boolean;
};

export type Listing = { readonly kind: LocalServerKind; readonly models: readonly LocalModel[] };

/** What is known of one kind of server. */
export type ServerFacts = {
  readonly port: number;
  /** Where chat completions are, below the origin. */
  readonly path: string;
  /** Its models, or what it answered instead. */
  list(ask: Ask): Promise<Listing | Unlisted>;
};

export type Unlisted = Exclude<Answer, { type: 'json' }>;

const maybe = <S extends Schema.Top>(schema: S) => Schema.optionalKey(Schema.NullOr(schema));
const Tokens = maybe(Schema.Int);

/** Sources: https://docs.ollama.com/api/tags and https://docs.ollama.com/api/ps */
const Tags = Schema.Struct({ models: Schema.Array(Schema.Struct({ name: Schema.String })) });
const Running = Schema.Struct({
  models: Schema.Array(Schema.Struct({ name: Schema.String, context_length: Tokens })),
});

async function listOllama(ask: Ask): Promise<Listing | Unlisted> {
  const [tags, running] = await Promise.all([ask('/api/tags'), ask('/api/ps')]);
  const list = read(Tags, tags);
  if (list === undefined) return unlisted(tags);
  const loaded = new Map(read(Running, running)?.models.map((model) => [model.name, model.context_length]));
  const models = list.models.map(({ name }) => ({ id: name, ...tokens({ now: loaded.get(name) }) }));
  return { kind: 'ollama', models: named(models) };
}

/** Source: https://lmstudio.ai/docs/developer/rest/endpoints; older servers have the list of OpenAI's form only. */
const LMStudioModels = Schema.Struct({
  data: Schema.Array(
    Schema.Struct({
      id: Schema.String,
      type: maybe(Schema.String),
      max_context_length: Tokens,
      loaded_context_length: Tokens,
      capabilities: maybe(Schema.Array(Schema.String)),
    }),
  ),
});

async function listLMStudio(ask: Ask): Promise<Listing | Unlisted> {
  const list = read(LMStudioModels, await ask('/api/v0/models'));
  if (list === undefined) return ofKind('lm-studio', await listOpenAI(ask));
  const models = list.data
    .filter(({ type }) => type !== 'embeddings')
    .map(({ id, max_context_length: most, loaded_context_length: now, capabilities }) => ({
      id,
      ...tokens({ now, most }),
      ...(capabilities && { tools: capabilities.some((each) => each.startsWith('tool')) }),
    }));
  return { kind: 'lm-studio', models: named(models) };
}

/**
 * OpenAI's form, with what llama.cpp and vLLM add to it. Sources:
 * https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md and
 * https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
 */
const OpenAIModels = Schema.Struct({
  data: Schema.Array(
    Schema.Struct({
      id: Schema.String,
      owned_by: maybe(Schema.String),
      max_model_len: Tokens,
      meta: maybe(Schema.Struct({ n_ctx: Tokens, n_ctx_train: Tokens })),
    }),
  ),
});

const owners: ReadonlyMap<string, LocalServerKind> = new Map([
  ['library', 'ollama'],
  ['llamacpp', 'llama.cpp'],
  ['vllm', 'vllm'],
  ['docker', 'docker-model-runner'],
]);

export async function listOpenAI(ask: Ask, path = '/v1'): Promise<Listing | Unlisted> {
  const answer = await ask(`${path}/models`);
  const list = read(OpenAIModels, answer);
  if (list === undefined) return unlisted(answer);
  const kinds = list.data.map(({ owned_by }) => owners.get(owned_by ?? ''));
  const models = list.data.map(({ id, max_model_len, meta }) => ({
    id,
    ...tokens({ now: max_model_len ?? meta?.n_ctx, most: meta?.n_ctx_train }),
  }));
  return { kind: kinds.find((kind) => kind !== undefined) ?? 'other', models: named(models) };
}

const Props = Schema.Struct({
  default_generation_settings: Schema.Struct({ n_ctx: Tokens }),
  chat_template_caps: maybe(Schema.Struct({ supports_tools: maybe(Schema.Boolean) })),
});

async function listLlamaCpp(ask: Ask): Promise<Listing | Unlisted> {
  const [listing, answer] = await Promise.all([listOpenAI(ask), ask('/props')]);
  const props = read(Props, answer);
  if (!('models' in listing) || props === undefined) return listing;
  const now = props.default_generation_settings.n_ctx;
  const tools = props.chat_template_caps?.supports_tools;
  const models = listing.models.map((model) => ({
    ...tokens({ now }),
    ...model,
    ...(typeof tools === 'boolean' && { tools }),
  }));
  return { kind: 'llama.cpp', models };
}

/** Source: https://docs.docker.com/ai/model-runner/api-reference/ */
async function listDocker(ask: Ask): Promise<Listing | Unlisted> {
  return ofKind('docker-model-runner', await listOpenAI(ask, '/engines/v1'));
}

export const servers: Readonly<Record<Exclude<LocalServerKind, 'other'>, ServerFacts>> = {
  ollama: { port: 11434, path: '/v1', list: listOllama },
  'lm-studio': { port: 1234, path: '/v1', list: listLMStudio },
  'llama.cpp': { port: 8080, path: '/v1', list: listLlamaCpp },
  'docker-model-runner': { port: 12434, path: '/engines/v1', list: listDocker },
  vllm: { port: 8000, path: '/v1', list: (ask) => listOpenAI(ask) },
};

/** A name that no list could show as it is, or that is too long for one, is not taken for that of a model. */
function named(models: readonly LocalModel[]): readonly LocalModel[] {
  return models.filter(({ id }) => id.trim() !== '' && id.length <= longestName && !unshowable.test(id));
}

const longestName = 200;
/** Control and direction characters, halves of pairs, breaks of lines. */
const unshowable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

function ofKind(kind: LocalServerKind, listing: Listing | Unlisted): Listing | Unlisted {
  return 'models' in listing ? { ...listing, kind } : listing;
}

function unlisted(answer: Answer): Unlisted {
  return answer.type === 'json' ? { type: 'other' } : answer;
}

/** What an answer says, if it is of this form. */
export function read<A>(schema: Schema.Codec<A, unknown>, answer: Answer): A | undefined {
  if (answer.type !== 'json') return undefined;
  const decoded = Schema.decodeUnknownResult(schema)(answer.value);
  return decoded._tag === 'Success' ? decoded.success : undefined;
}

type Known = { readonly now?: number | null | undefined; readonly most?: number | null | undefined };

function tokens({ now, most }: Known): Pick<LocalModel, 'contextTokens' | 'maxContextTokens'> {
  return {
    ...(typeof now === 'number' && now > 0 && { contextTokens: now }),
    ...(typeof most === 'number' && most > 0 && { maxContextTokens: most }),
  };
}
