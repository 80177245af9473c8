import type { LLMEvent, ToolInput } from '../../schema.ts';
import { factsOf } from './native.ts';
import { PartialArgs } from './partial-args.ts';
import type { WireCall } from './wire.ts';

export type CallPiece = { readonly call: WireCall; readonly signature: string | undefined };

/** One call while its pieces come; nearly always there is one, with all of its arguments. */
export class OpenCall {
  readonly #callID: string;
  readonly #name: string;
  readonly #id: string | undefined;
  readonly #partial = new PartialArgs();
  #args: unknown;
  #signature: string | undefined;

  /** @param ownID stands for the id where the server gives none, as models up to series 2 do. */
  constructor({ id, name }: WireCall, ownID: string) {
    this.#id = id || undefined;
    this.#callID = id || ownID;
    this.#name = name ?? '';
  }

  begin(): LLMEvent {
    return { type: 'tool.input.started', callID: this.#callID, name: this.#name };
  }

  take({ call, signature }: CallPiece): void {
    this.#args = call.args ?? this.#args;
    this.#signature = signature ?? this.#signature;
    for (const piece of call.partialArgs ?? []) this.#partial.take(piece);
  }

  /** @param isWhole whether nothing of the arguments is missing. */
  end(isWhole: boolean): readonly LLMEvent[] {
    const callID = this.#callID;
    const value = this.#args ?? this.#partial.value();
    const text = JSON.stringify(value);
    const input: ToolInput = isWhole ? { type: 'json', value } : { type: 'malformed', text };
    return [
      { type: 'tool.input.delta', callID, text },
      { type: 'tool.call', callID, name: this.#name, input, ...this.#facts() },
    ];
  }

  #facts(): object {
    const id = this.#id;
    const signature = this.#signature;
    if (id === undefined && signature === undefined) return {};
    const facts = { ...(id !== undefined && { id }), ...(signature !== undefined && { signature }) };
    return { metadata: factsOf(facts) };
  }
}
