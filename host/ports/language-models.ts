/** A model that the editor offers to its extensions, as far as the editor tells. */
export interface LanguageModel {
  /** Whose extension it comes with, e.g. `copilot`. */
  readonly vendor: string;
  /** What tells it from others of its vendor. */
  readonly id: string;
  readonly name: string;
  readonly family: string;
  readonly version: string;
  /** Tokens that one request may have; 0 where nobody says. */
  readonly maxInputTokens: number;
  /** Absent: the editor is too old to tell. */
  readonly readsImages?: boolean;
  readonly callsTools?: boolean;
}

/** Bytes of a kind that the model reads; `data` is base64. */
export interface LanguageModelData {
  readonly type: 'data';
  readonly mime: string;
  readonly data: string;
}

export interface LanguageModelText {
  readonly type: 'text';
  readonly value: string;
}

export interface LanguageModelCall {
  readonly type: 'tool-call';
  readonly callID: string;
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface LanguageModelResult {
  readonly type: 'tool-result';
  readonly callID: string;
  readonly content: readonly (LanguageModelText | LanguageModelData)[];
}

export type LanguageModelMessage =
  | {
      readonly role: 'user';
      readonly content: readonly (LanguageModelText | LanguageModelData | LanguageModelResult)[];
    }
  | { readonly role: 'assistant'; readonly content: readonly (LanguageModelText | LanguageModelCall)[] };

export interface LanguageModelRequest {
  readonly vendor: string;
  readonly id: string;
  readonly messages: readonly LanguageModelMessage[];
  readonly tools: readonly {
    readonly name: string;
    readonly description: string;
    /** JSON Schema */
    readonly inputSchema: Readonly<Record<string, unknown>>;
  }[];
  /** In the vendor's own terms. */
  readonly modelOptions: Readonly<Record<string, unknown>>;
}

/** A piece of an answer. Pieces of other kinds may come too: whoever reads them passes them over. */
export type LanguageModelPart =
  | LanguageModelText
  | { readonly type: 'thinking'; readonly value: string | readonly string[] }
  | { readonly type: 'tool-call'; readonly callID: string; readonly name: string; readonly input: unknown }
  | { readonly type: 'other' };

/** The models of the editor itself. A surface without an editor has none. */
export interface LanguageModels {
  /**
   * What is offered now. May take as long as it likes, for extensions that provide models may have to start first, and
   * nothing calls it back: nobody is to wait for it who has work to do.
   */
  list(): Promise<readonly LanguageModel[]>;
  /** Is called when `list` may give something else. */
  onDidChange(listener: () => void): Disposable;
  /**
   * One request, only ever at a user's prompt: the first time the editor asks its user whether it may be. Fails with the
   * editor's own errors, which have a `code`, or with the vendor's; ends with the abort reason. The request is cancelled
   * when the signal aborts or the reader leaves.
   */
  send(
    request: LanguageModelRequest,
    options: { readonly signal: AbortSignal },
  ): AsyncIterable<LanguageModelPart>;
}
