import type { LLMTool, ToolInput } from '../schema.ts';

/** What a text turns out to be, piece by piece. A call is `started`, any number of `input`, one `called`. */
export type Piece =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'started'; readonly name: string }
  /** Of the arguments' JSON text. */
  | { readonly type: 'input'; readonly text: string }
  | { readonly type: 'called'; readonly input: ToolInput };

/** How far a reader came: it took `used` characters and will not see them again. */
export type Progress = {
  readonly type: 'more' | 'done';
  readonly used: number;
  readonly pieces: readonly Piece[];
};

/** Reads one call out of a text, from behind what made it known as one. */
export type Reader = {
  /** What is not used is shown again, with more behind it. `ended`: nothing more will come, and the answer is `done`. */
  read(text: string, ended: boolean): Progress;
  /** The text that was taken and may turn out to be text after all; null once it is known to be a call. */
  held(): string | null;
};

export type Tools = ReadonlyMap<string, LLMTool>;
