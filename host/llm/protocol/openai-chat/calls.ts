import type { LLMEvent } from '../../schema.ts';
import { parseToolInput } from '../tool-input.ts';
import type { ToolCallDelta } from './wire.ts';

type Slot = {
  readonly index: number | null;
  readonly wireID: string | null;
  readonly callID: string;
  name: string;
  text: string;
  started: boolean;
};

/**
 * Puts tool calls together from their pieces. OpenAI names each call by `index`; others leave the index out, give every
 * call index 0, repeat id and name in each piece, send no id, or send whole calls.
 */
export class CallAssembly {
  readonly #slots: Slot[] = [];
  readonly #used = new Set<string>();
  #seed: string;

  /** `seed` makes the ids of calls that came without one: equal for equal streams, different between turns. */
  constructor(seed: string) {
    this.#seed = seed;
  }

  /** The provider's id of this answer, a better seed than the caller's. */
  nameStream(id: string): void {
    if (this.#slots.length === 0) this.#seed = id;
  }

  take(pieces: readonly ToolCallDelta[]): readonly LLMEvent[] {
    return pieces.flatMap((piece) => this.#piece(piece));
  }

  /** The complete calls, in order of appearance, and first what had to wait for a name that never came. */
  finish(): readonly LLMEvent[] {
    return this.#slots.flatMap((slot) => [...this.#start(slot), call(slot)]);
  }

  #piece(piece: ToolCallDelta): readonly LLMEvent[] {
    const words = argumentText(piece);
    const slot = this.#find(piece, words) ?? this.#open(piece);
    if (slot.name === '') slot.name = piece.function?.name ?? '';
    slot.text += words;
    if (slot.name === '') return [];
    // The pieces that waited for the name go out with the first that has it.
    const fresh = slot.started ? words : slot.text;
    const delta: readonly LLMEvent[] =
      fresh === '' ? [] : [{ type: 'tool.input.delta', callID: slot.callID, text: fresh }];
    return [...this.#start(slot), ...delta];
  }

  #start(slot: Slot): readonly LLMEvent[] {
    if (slot.started) return [];
    slot.started = true;
    return [{ type: 'tool.input.started', callID: slot.callID, name: slot.name }];
  }

  /** The call that a piece continues, if any. */
  #find(piece: ToolCallDelta, words: string): Slot | undefined {
    const slot = this.#addressed(piece);
    return slot !== undefined && !opensAnother(slot, piece, words) ? slot : undefined;
  }

  #addressed(piece: ToolCallDelta): Slot | undefined {
    const { index, id } = piece;
    if (typeof index === 'number') return this.#slots.findLast((slot) => slot.index === index);
    return this.#slots.findLast((slot) => id && slot.wireID === id) ?? this.#slots.at(-1);
  }

  #open(piece: ToolCallDelta): Slot {
    const slot: Slot = {
      index: piece.index ?? null,
      wireID: piece.id || null,
      callID: this.#callID(piece.id || null),
      name: '',
      text: '',
      started: false,
    };
    this.#slots.push(slot);
    return slot;
  }

  /** The provider's id where it has one that is not taken yet. */
  #callID(wireID: string | null): string {
    const base = wireID ?? `call_${this.#seed}_${this.#slots.length}`;
    let callID = base;
    for (let turn = 1; this.#used.has(callID); turn += 1) callID = `${base}_${turn}`;
    this.#used.add(callID);
    return callID;
  }
}

/** A named piece opens another call if its id differs, or if, without an id, the call before is already whole. */
function opensAnother(slot: Slot, piece: ToolCallDelta, words: string): boolean {
  if (!piece.function?.name || slot.name === '') return false;
  if (piece.id) return slot.wireID !== null && piece.id !== slot.wireID;
  return words !== '' && slot.text.trimEnd().endsWith('}') && parseToolInput(slot.text).type === 'json';
}

function argumentText(piece: ToolCallDelta): string {
  const value = piece.function?.arguments ?? '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function call(slot: Slot): LLMEvent {
  return { type: 'tool.call', callID: slot.callID, name: slot.name, input: parseToolInput(slot.text) };
}
