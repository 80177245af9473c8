import type { LLMEvent } from '../../schema.ts';
import { type CallPiece, OpenCall } from './calls.ts';
import { factsOf, nativePart } from './native.ts';
import type { WireCall, WirePart } from './wire.ts';

/** A text or a thought that may go on in the next part. */
type OpenText = { readonly isThought: boolean; readonly length: number };

/**
 * The parts of an answer as events. One text comes in many parts, until a part of another kind, or one with a signature,
 * which signs what it brings and ends the text.
 */
export class AnswerParts {
  readonly #ownID: (name: string, place: number) => string;
  #text: OpenText | undefined;
  #call: OpenCall | undefined;
  #calls = 0;

  /** @param ownID makes the id of a call that has none: its name, its place among the calls. */
  constructor(ownID: (name: string, place: number) => string) {
    this.#ownID = ownID;
  }

  get calls(): number {
    return this.#calls;
  }

  take(part: WirePart): readonly LLMEvent[] {
    const { functionCall: call } = part;
    if (call) return [...this.#closeText(), ...this.#takePiece({ call, signature: signatureOf(part) })];
    if (typeof part['text'] === 'string') return this.#takeText(part['text'], part);
    if (Object.keys(part).length === 0) return [];
    return [...this.#closeText(), nativePart(part)];
  }

  /** @param isWhole whether the model had its say: a call that is still open is then complete. */
  end(isWhole: boolean): readonly LLMEvent[] {
    return [...this.#closeText(), ...this.#closeCall(isWhole)];
  }

  #takeText(text: string, part: WirePart): readonly LLMEvent[] {
    const isThought = part['thought'] === true;
    const signature = signatureOf(part);
    if (text === '' && signature === undefined) return [];
    const closed = this.#text?.isThought === isThought ? [] : this.#closeText();
    // A signature alone: nothing that anybody could read.
    if (text === '' && !isThought && this.#text === undefined) return [...closed, nativePart(part)];
    const length = (this.#text?.length ?? 0) + text.length;
    this.#text = { isThought, length };
    const words = piece(isThought, text, length);
    return [
      ...closed,
      ...words,
      ...(signature === undefined ? [] : this.#closeText(sign(signature, text, length))),
    ];
  }

  #closeText(facts?: object): readonly LLMEvent[] {
    if (this.#text === undefined) return [];
    this.#text = undefined;
    return [facts === undefined ? { type: 'part.end' } : { type: 'part.end', metadata: factsOf(facts) }];
  }

  /** A name begins a call; pieces without one belong to the call that is open. */
  #takePiece(piece: CallPiece): readonly LLMEvent[] {
    const { call } = piece;
    const begun = call.name ? this.#beginCall(call) : [];
    this.#call?.take(piece);
    return [...begun, ...(call.willContinue ? [] : this.#closeCall(true))];
  }

  #beginCall(call: WireCall): readonly LLMEvent[] {
    const closed = this.#closeCall(true);
    this.#call = new OpenCall(call, this.#ownID(call.name ?? '', this.#calls));
    this.#calls += 1;
    return [...closed, this.#call.begin()];
  }

  #closeCall(isWhole: boolean): readonly LLMEvent[] {
    const call = this.#call;
    this.#call = undefined;
    return call?.end(isWhole) ?? [];
  }
}

function piece(isThought: boolean, text: string, length: number): readonly LLMEvent[] {
  if (isThought) return text === '' && length > 0 ? [] : [{ type: 'reasoning.delta', text }];
  return text === '' ? [] : [{ type: 'text.delta', text }];
}

/** `tail` is how much of a text its signature came with, in characters; all of it where it is not said. */
function sign(signature: string, text: string, length: number): object {
  return text.length === length ? { signature } : { signature, tail: text.length };
}

function signatureOf(part: WirePart): string | undefined {
  const signature = part['thoughtSignature'];
  return typeof signature === 'string' && signature !== '' ? signature : undefined;
}
