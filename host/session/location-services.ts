import type { Agent } from '../agent/agent.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Config } from '../config/config.ts';
import type { ContextRegistry } from '../context/context-registry.ts';
import type { LayerRules } from '../permission/layer-rules.ts';
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
  /** The state by the files as they are now. */
  current(): Promise<LocationState>;
}
