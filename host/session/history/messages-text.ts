import type { MessageInfo } from '#shared/message.ts';
import type { Part, ToolPart } from '#shared/part.ts';
import type { MessageWithParts } from '#shared/session.ts';
import { extended } from '../view-projector.ts';

/**
 * Messages on their way out of the store: JSON put together of the texts of their rows, which nobody has parsed. A text
 * goes between threads in a fraction of the time that objects take, and is parsed once, where the messages are needed.
 */
export interface MessagesText {
  /** One after the other: nothing of a long text is copied to put them together. */
  readonly stretches: readonly StretchText[];
}

export interface StretchText {
  /** Of a list of `MessageInfo`, in order. */
  readonly infos: string;
  /** Of a list of `StoredPart`: all that these messages have, each message's in order. */
  readonly parts: string;
}

/** A part as its row has it, and what facts have changed in it since. */
export type StoredPart =
  | Part
  | {
      readonly type: 'changed';
      readonly part: Part;
      /** When its output left Session History. */
      readonly pruned: number | null;
      /** What was appended to its text, in order, and when the text ended. */
      readonly deltas: readonly (readonly [delta: string, ended: number | null])[];
    };

/** The messages again. Rows hold what an event's schema let in, so that reading them needs no second decoding. */
export function parseMessages({ stretches }: MessagesText): readonly MessageWithParts[] {
  return stretches.flatMap((stretch) => {
    const infos: readonly MessageInfo[] = JSON.parse(stretch.infos);
    const parts: readonly StoredPart[] = JSON.parse(stretch.parts);
    const ofMessage = Map.groupBy(parts.map(wholePart), ({ messageID }) => messageID);
    return infos.map((info) => ({ info, parts: ofMessage.get(info.id) ?? [] }));
  });
}

/** A part with all that was appended to it and taken from it. */
export function wholePart(stored: StoredPart): Part {
  if (stored.type !== 'changed') return stored;
  const { part, pruned, deltas } = stored;
  if (part.type === 'tool') return pruned === null ? part : prunedPart(part, pruned);
  if (part.type !== 'text' && part.type !== 'reasoning') return part;
  return deltas.reduce((grown, [delta, ended]) => {
    return extended(grown, { delta, ...(ended === null ? {} : { end: ended }) });
  }, part);
}

function prunedPart(part: ToolPart, time: number): ToolPart {
  if (part.state.status !== 'completed') return part;
  return { ...part, state: { ...part.state, time: { ...part.state.time, compacted: time } } };
}
