import type { UsageNumbers } from './script.ts';

/** What a wire format has to offer so that scripts can be played on it; one module per format implements it. */
export type WireFormat = {
  /** Address below the server's root, e.g. `/v1/chat/completions`. */
  readonly path: string;
  /** The conversation in a request body, or the provider's refusal of a body that is none. */
  read(body: unknown): Reading;
  /** Writes one answer. */
  writer(conversation: Conversation): WireWriter;
  /** The body of an error answer, in the provider's words. */
  errorBody(problem: Problem): unknown;
};

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

export type Problem = { readonly status: number; readonly code: string | null; readonly message: string };

export type Reading =
  | { readonly type: 'conversation'; readonly conversation: Conversation }
  | { readonly type: 'refused'; readonly problem: Problem };

/** A piece of an answer, before it has a wire form. */
export type Piece =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | { readonly type: 'tool-start'; readonly id: string; readonly name: string }
  | { readonly type: 'tool-input'; readonly text: string }
  | { readonly type: 'comment'; readonly text: string };

export type Ending = { readonly finish: string | null; readonly usage: UsageNumbers };

export type WireWriter = {
  readonly contentType: string;
  /** Bytes of one piece; '' where the answer is not streamed. */
  piece(piece: Piece): string;
  /** Bytes that end the answer in order. */
  end(ending: Ending): string;
  /** Bytes of an error object inside the stream. */
  error(body: unknown): string;
};
