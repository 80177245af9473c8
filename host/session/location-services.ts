import type { SessionID } from '#shared/ids.ts';
import type { Agent } from '../agent/agent.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Config } from '../config/config.ts';
import type { ContextRegistry } from '../context/context-registry.ts';
import type { Authority } from '../location/authority.ts';
import type { LayerRules } from '../permission/layer-rules.ts';
import type { Documents } from '../ports/documents.ts';
import type { ToolRegistry } from '../tool/registry.ts';

/** What the configuration of a Location amounts to at one moment. */
export interface LocationState {
  readonly config: Config;
  readonly agents: ReadonlyMap<string, Agent>;
  readonly catalog: Catalog;
  /** The rule layers that hold for an agent here, without the saved answers. */
  layersOf(agent: Agent): readonly LayerRules[];
}

/** Services of one Location, built once for it and shared by its sessions (RT-18). */
export interface LocationServices {
  readonly directory: string;
  /** Identity of the project that saved answers hold for. */
  readonly project: string;
  readonly context: ContextRegistry;
  readonly tools: ToolRegistry;
  /** The only way to its files. */
  readonly authority: Authority;
  /** Those that the editor holds open. */
  readonly documents: Documents;
  /** What the session has read counts no more: it has to read again before it edits (decision 9). */
  forgetReads(sessionID: SessionID): void;
  /** The state by the files as they are now. */
  current(): Promise<LocationState>;
}
