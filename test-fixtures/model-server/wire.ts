import type { UsageNumbers } from './script.ts';

/** What a wire format has to offer so that scripts can be played on it; one module per format implements it. */
export type WireFormat = {
  /** The protocol, as the model core names it. */
  readonly id: string;
  /** Paths that are its own. The groups `model` and `verb`, where there are such, go to `read`. */
  readonly path: RegExp;
  /** The conversation in a request, or what the provider refuses it with. */
  read(body: unknown, address: Address): Reading;
  /** Writes one answer. */
  writer(conversation: Conversation): WireWriter;
  /** An error answer in the provider's words. */
  refusal(problem: Problem): Refusal;
};

/** What the path says of a request. */
export type Address = { readonly model?: string; readonly verb?: string };

/** What scripts are matched on. */
export type Conversation = {
  readonly model: string;
  readonly streaming: boolean;
  readonly hasTools: boolean;
  readonly system: string;
  /** The last words of the user, without what a host wrapped around or beside them. */
  readonly user: string;
  /** How many answers of the model stand after those words. */
  readonly step: number;
  /** Tool results after those words, oldest first. */
  readonly toolResults: readonly string[];
  /** Messages in all; makes ids of tool calls that differ from turn to turn. */
  readonly length: number;
};

export type Problem = {
  /** As OpenAI would answer; others have other numbers for some codes. */
  readonly status: number;
  /** OpenAI's word for it, which each format says in its own way. */
  readonly code: string | null;
  readonly message: string;
  /** Of a prompt that is too long. */
  readonly tokens?: { readonly sent: number; readonly limit: number };
};

export type Refusal = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text goes out as it is, anything else as JSON. */
  readonly body: unknown;
};

export type Reading =
  | { readonly type: 'conversation'; readonly conversation: Conversation }
  | { readonly type: 'refused'; readonly problem: Problem };

/** A piece of an answer, before it has a wire form. */
export type Piece =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | { readonly type: 'tool-start'; readonly id: string; readonly name: string }
  | { readonly type: 'tool-input'; readonly text: string }
  /** A search that the server ran itself, and what it found. */
  | { readonly type: 'search'; readonly query: string; readonly found: string }
  | { readonly type: 'comment'; readonly text: string };

export type Ending = { readonly finish: string | null; readonly usage: UsageNumbers };

export type Bytes = string | Uint8Array;

export type WireWriter = {
  readonly contentType: string;
  /** Bytes that stand before the first piece. */
  begin(): Bytes;
  /** Bytes of one piece; none where the answer is not streamed. */
  piece(piece: Piece): Bytes;
  /** Bytes that end the answer in order. */
  end(ending: Ending): Bytes;
  /** Bytes of an error inside the stream. */
  error(refusal: Refusal): Bytes;
};

export function refused(message: string, code: string | null = null): Reading {
  return { type: 'refused', problem: { status: 400, code, message } };
}
