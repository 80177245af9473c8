import type { MessageID, PartID, SessionID } from '#shared/ids.ts';
import type { AssistantMessage, ModelRef, UserMessage } from '#shared/message.ts';
import { noTokens } from '#shared/message.ts';
import type { AdmittedPrompt, Session } from '#shared/session.ts';
import type { ContextRegistry } from '../../context/context-registry.ts';
import type { ContextSnapshot } from '../../context/context-source.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { EpochRow } from '../boundary-projection.ts';
import type { SessionEvent } from '../session-events.ts';

export interface BoundaryWorld {
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface Inputs {
  readonly session: Session;
  /** What is taken back: a turn that starts makes it final (RT-21). */
  readonly reverted: readonly MessageID[];
  readonly inputs: readonly AdmittedPrompt[];
}

/** Prompt Promotion: each prompt leaves the inbox and becomes a user message, in the order given (RT-02). */
export function promotions(
  { session, reverted, inputs }: Inputs,
  { clock, ids }: BoundaryWorld,
): SessionEvent[] {
  const time = clock.now();
  const cut: SessionEvent = {
    type: 'session.history.cut',
    sessionID: session.id,
    messages: reverted,
    time,
  };
  const promoted = inputs.map(({ id, sessionID, text, agent, model }): SessionEvent => {
    const info: UserMessage = { id, sessionID, role: 'user', time: { created: time }, agent, model };
    const part = { id: ids.next('prt') as PartID, sessionID, messageID: id, type: 'text' as const, text };
    return { type: 'session.input.promoted', info, part };
  });
  return reverted.length > 0 ? [cut, ...promoted] : promoted;
}

export interface ContextFacts {
  readonly registry: ContextRegistry;
  readonly epoch: EpochRow | undefined;
  readonly observed: ContextSnapshot;
  readonly user: Pick<UserMessage, 'sessionID' | 'agent' | 'model'>;
}

export interface AdmittedContext {
  /** The Baseline System Context: rendered once in an epoch, then the same bytes (RT-03). */
  readonly baseline: string;
  readonly events: readonly SessionEvent[];
}

/** Starts the epoch, or tells in one message what changed in it since the model was last told (RT-08). */
export function admitContext(
  { registry, epoch, observed, user }: ContextFacts,
  { clock, ids }: BoundaryWorld,
): AdmittedContext {
  const { sessionID } = user;
  if (!epoch) {
    const baseline = registry.baseline(observed);
    const event: SessionEvent = { type: 'session.epoch.started', sessionID, baseline, snapshot: observed };
    return { baseline, events: [event] };
  }
  const change = registry.changes(epoch.snapshot, observed);
  if (!change) return { baseline: epoch.baseline, events: [] };
  const id = ids.next('msg') as MessageID;
  const info: UserMessage = { ...user, id, role: 'user', time: { created: clock.now() }, synthetic: true };
  const part = {
    id: ids.next('prt') as PartID,
    sessionID,
    messageID: id,
    type: 'context' as const,
    ...change,
  };
  return {
    baseline: epoch.baseline,
    events: [{ type: 'session.context.changed', info, part, snapshot: observed }],
  };
}

export interface TurnFacts {
  readonly session: Session;
  readonly agent: string;
  readonly parentID: MessageID;
  /** Where it is not the session's own. */
  readonly model?: ModelRef;
}

/** The header of a provider turn that starts now. */
export function startedTurn(
  { session, agent, parentID, model = session.model }: TurnFacts,
  { clock, ids }: BoundaryWorld,
): AssistantMessage {
  return {
    id: ids.next('msg') as MessageID,
    sessionID: session.id as SessionID,
    role: 'assistant',
    parentID,
    modelID: model?.modelID ?? '',
    providerID: model?.providerID ?? '',
    ...(model?.variant === undefined ? {} : { variant: model.variant }),
    agent,
    mode: agent,
    path: { cwd: session.directory, root: session.directory },
    cost: 0,
    tokens: noTokens,
    time: { created: clock.now() },
  };
}
