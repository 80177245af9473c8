import type { Notice } from '#shared/notice.ts';
import type { PermissionRule } from '#shared/permission.ts';
import type {
  AgentConfig,
  CompactionConfig,
  ModelConfig,
  ProviderPlace,
  ProviderSignIn,
} from './config-schema.ts';

/** Who wrote a piece of configuration: the user, or the repository that is open. */
export type Layer = 'user' | 'project';

/** A provider as the layers together define it. */
export interface ResolvedProvider {
  readonly id: string;
  readonly name?: string;
  readonly npm?: string;
  readonly env: readonly string[];
  /** Where requests go; absent: the adapter's own address. */
  readonly baseURL?: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Who named the endpoint or its headers: `project` withholds every key that is the user's (decision 8). */
  readonly endpointFrom: Layer | 'adapter';
  /** A key from a file. `project` only when it stands there in full: a borrowed one is the `user`'s. */
  readonly apiKey?: { readonly value: string; readonly from: Layer };
  readonly models: Readonly<Record<string, ModelConfig>>;
  /** Where it is in its own terms: a region, a project, the name of a resource. */
  readonly place: ProviderPlace;
  /** For signing in, of the user's files alone: with a client of a project's the sign-in would be the project's. */
  readonly signIn?: ProviderSignIn;
  /** Only these models of it, by their ids; absent: all. */
  readonly whitelist?: readonly string[];
  readonly blacklist: readonly string[];
}

/** An agent's definition, and whose file it comes from: a project's definition never loosens. */
export interface AgentLayer {
  readonly name: string;
  readonly from: Layer;
  readonly config: AgentConfig;
}

/** The decoded configuration of one Location. */
export interface Config {
  readonly model?: string;
  /** For small work beside the conversation, such as titles. */
  readonly smallModel?: string;
  readonly defaultAgent?: string;
  readonly providers: Readonly<Record<string, ResolvedProvider>>;
  readonly enabledProviders?: readonly string[];
  readonly disabledProviders: readonly string[];
  readonly permission: {
    readonly user: readonly PermissionRule[];
    readonly project: readonly PermissionRule[];
  };
  readonly agents: readonly AgentLayer[];
  readonly instructions: readonly { readonly from: Layer; readonly pattern: string }[];
  /**
   * When history is folded: `reserved` are tokens kept free for the answer. What stays word for word: so many turns
   * (`tail_turns`) as fit into `preserve_recent_tokens`. What is absent is on, or chosen by the model's window.
   */
  readonly compaction?: CompactionConfig;
  readonly notices: readonly Notice[];
}
