import type { ViewEvent } from '#shared/events.ts';
import { extendPart } from '#shared/fold.ts';
import type { MessageID, PartID } from '#shared/ids.ts';
import type { Part } from '#shared/part.ts';
import type { MessageWithParts } from '#shared/session.ts';
import { partUpdated } from './view-projector.ts';

/**
 * What runs right now and is not yet, or not yet as far, in the store: streaming texts, arguments, command output.
 * Whoever begins to watch in the middle of a turn sees it from here.
 */
export interface LiveParts {
  /** Shows a part, new or changed. */
  put(part: Part): void;
  /** Shows more of a text (`text`) or of a call's arguments (`raw`). The part must have been put. */
  extend(part: Part, field: 'text' | 'raw', delta: string): void;
  /** The part as it is shown now, where that is ahead of a fact about it. */
  latest(part: Part): Part;
  /** The turn is settled: from here on the store has everything. */
  drop(messageID: MessageID): void;
  /** The given messages, as far as they have got. */
  over(messages: readonly MessageWithParts[]): readonly MessageWithParts[];
}

/** `emit` gives the events to every subscriber, at once. */
export function createLiveParts(emit: (event: ViewEvent) => void): LiveParts {
  const byMessage = new Map<MessageID, Map<PartID, Part>>();
  return {
    put(part) {
      const parts = byMessage.get(part.messageID) ?? new Map<PartID, Part>();
      byMessage.set(part.messageID, parts.set(part.id, part));
      emit(partUpdated(part));
    },
    extend(part, field, delta) {
      const { sessionID, messageID, id: partID } = part;
      const parts = byMessage.get(messageID);
      const known = parts?.get(partID);
      if (!parts || !known) return;
      parts.set(partID, extendPart(known, { field, delta }));
      emit({ type: 'message.part.delta', properties: { sessionID, messageID, partID, field, delta } });
    },
    latest(part) {
      const live = byMessage.get(part.messageID)?.get(part.id);
      return live?.type === 'tool' && live.state.status !== 'pending' ? live : part;
    },
    drop(messageID) {
      byMessage.delete(messageID);
    },
    over(messages) {
      return messages.map((message) => {
        const live = byMessage.get(message.info.id);
        return live ? { ...message, parts: overlay(message.parts, live) } : message;
      });
    },
  };
}

function overlay(stored: readonly Part[], live: ReadonlyMap<PartID, Part>): readonly Part[] {
  const ids = new Set(stored.map(({ id }) => id));
  const changed = stored.map((part) => (isSettled(part) ? part : (live.get(part.id) ?? part)));
  return [...changed, ...[...live.values()].filter(({ id }) => !ids.has(id))];
}

/** What the store has settled is newer than what was live. */
function isSettled(part: Part): boolean {
  if (part.type === 'tool') return part.state.status === 'completed' || part.state.status === 'error';
  if (part.type === 'text' || part.type === 'reasoning') return part.time?.end !== undefined;
  return true;
}
