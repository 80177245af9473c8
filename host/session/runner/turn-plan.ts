import type { MessageError, ModelRef } from '#shared/message.ts';
import type { Session } from '#shared/session.ts';
import type { Agent } from '../../agent/agent.ts';
import type { CatalogModel, Resolution } from '../../catalog/catalog.ts';
import type { LayerRules } from '../../permission/layer-rules.ts';
import { hostError } from '../errors.ts';
import type { LocationState } from '../location-services.ts';

/** Agent, model and rules of one provider turn, pinned when it starts (TL-06). */
export interface TurnPlan {
  readonly agent: Agent;
  readonly model: CatalogModel;
  readonly layers: readonly LayerRules[];
}

export type Planned =
  | { readonly type: 'plan'; readonly plan: TurnPlan }
  | { readonly type: 'error'; readonly error: MessageError };

/** Resolves what the session is set to; what cannot be resolved is an error for the conversation, never a throw. */
export function planTurn(session: Session, state: LocationState): Planned {
  return planFor({ name: session.agent ?? 'build', ref: session.model }, state);
}

/** Resolves an agent by its name and a model. */
export function planFor(
  { name, ref }: { readonly name: string; readonly ref: ModelRef | undefined },
  { agents, catalog, layersOf }: LocationState,
): Planned {
  const agent = agents.get(name);
  // Another agent in its place could have other rights.
  if (!agent) return { type: 'error', error: hostError('agent-unknown', { agent: name }) };
  if (!ref?.modelID) return failed('model-none');
  const resolution = catalog.resolve(ref);
  if (resolution.type !== 'model') return { type: 'error', error: refusal(resolution, ref) };
  return { type: 'plan', plan: { agent, model: resolution.model, layers: layersOf(agent) } };
}

function refusal(
  resolution: Exclude<Resolution, { type: 'model' }>,
  { providerID, modelID }: NonNullable<Session['model']>,
): MessageError {
  const asked = { providerID, modelID };
  if (resolution.type === 'unknown') return hostError('model-unknown', asked);
  if (resolution.type === 'unusable')
    return hostError('model-unusable', { ...asked, message: resolution.reason });
  return hostError('credential-withheld', { ...asked, endpoint: resolution.endpoint });
}

function failed(code: string): Planned {
  return { type: 'error', error: hostError(code) };
}
