import type { ViewEvent } from '#shared/events.ts';
import type { PartID } from '#shared/ids.ts';
import type { Part, ReasoningPart, TextPart } from '#shared/part.ts';
import type { SessionEvent } from './session-events.ts';

type OpenText = TextPart | ReasoningPart;

/** Makes the public view stream out of durable session facts (decision 10): the only place that does. */
export interface ViewProjector {
  /** The view events of one acknowledged fact. Call it with every fact, in order. */
  project(event: SessionEvent): readonly ViewEvent[];
}

/** Keeps the text parts that are still growing, because their facts carry only what was added. */
export function createViewProjector(): ViewProjector {
  const growing = new Map<PartID, OpenText>();
  return {
    project(event) {
      if (event.type === 'session.part.kept') remember(growing, event.part);
      if (event.type !== 'session.text.extended') return project(event);
      const part = growing.get(event.partID);
      if (!part) return [];
      const grown = extended(part, event);
      growing.set(event.partID, grown);
      if (event.end === undefined) return [];
      growing.delete(event.partID);
      return [partUpdated(grown)];
    },
  };
}

function remember(growing: Map<PartID, OpenText>, part: Part): void {
  if (part.type !== 'text' && part.type !== 'reasoning') return;
  if (part.time?.end === undefined) growing.set(part.id, part);
  else growing.delete(part.id);
}

/** A text part with what a fact adds to it; also used where the fact is applied to the stored part. */
export function extended<P extends OpenText>(
  part: P,
  { delta, end }: { readonly delta: string; readonly end?: number },
): P {
  const start = part.time?.start ?? end ?? 0;
  return { ...part, text: part.text + delta, ...(end === undefined ? {} : { time: { start, end } }) };
}

type Whole = Exclude<SessionEvent, { type: 'session.text.extended' }>;

function project(event: Whole): readonly ViewEvent[] {
  switch (event.type) {
    case 'session.created':
      return [{ type: 'session.created', properties: { info: event.info } }];
    case 'session.input.admitted':
      return [
        {
          type: 'session.input.admitted',
          properties: { sessionID: event.prompt.sessionID, prompt: event.prompt },
        },
      ];
    case 'session.input.edited':
      return [
        {
          type: 'session.input.admitted',
          properties: { sessionID: event.prompt.sessionID, prompt: event.prompt },
        },
      ];
    case 'session.input.cancelled': {
      const { sessionID, messageID } = event;
      return [{ type: 'session.input.cancelled', properties: { sessionID, messageID } }];
    }
    case 'session.input.promoted':
      return [
        {
          type: 'session.input.promoted',
          properties: { sessionID: event.info.sessionID, messageID: event.info.id },
        },
        messageUpdated(event.info),
        partUpdated(event.part),
      ];
    case 'session.context.changed':
      return [messageUpdated(event.info), partUpdated(event.part)];
    case 'session.turn.started':
    case 'session.turn.streamed':
    case 'session.turn.ended':
      return [messageUpdated(event.info)];
    case 'session.part.kept':
      // While it grows, subscribers have it already, by live deltas that may be ahead of this checkpoint.
      return isGrowing(event.part) ? [] : [partUpdated(event.part)];
    case 'session.tool.called':
    case 'session.tool.started':
    case 'session.tool.settled':
      return [partUpdated(event.part)];
    case 'session.message.copied':
      return [messageUpdated(event.info), ...event.parts.map(partUpdated)];
    case 'session.compacted': {
      const { sessionID, summary } = event;
      return [{ type: 'session.compacted', properties: { sessionID, messageID: summary } }];
    }
    case 'session.history.cut':
      return event.messages.map((messageID) => ({
        type: 'message.removed',
        properties: { sessionID: event.sessionID, messageID },
      }));
    case 'session.deleted':
      return [{ type: 'session.deleted', properties: { info: event.info } }];
    case 'session.retitled':
    case 'session.archived':
    case 'session.switched':
    case 'session.reverted':
    case 'session.unrevert.began':
    case 'session.unreverted':
    case 'session.epoch.started':
    case 'session.outputs.pruned':
    case 'session.file.changed':
    case 'session.erased':
    case 'session.copy.began':
    case 'session.copy.ended':
      return [];
  }
}

function isGrowing(part: Part): boolean {
  return (part.type === 'text' || part.type === 'reasoning') && part.time?.end === undefined;
}

function messageUpdated(
  info: Extract<ViewEvent, { type: 'message.updated' }>['properties']['info'],
): ViewEvent {
  return { type: 'message.updated', properties: { sessionID: info.sessionID, info } };
}

export function partUpdated(part: Part): ViewEvent {
  return { type: 'message.part.updated', properties: { sessionID: part.sessionID, part } };
}
