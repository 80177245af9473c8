/** What the user chose about files that changed outside the session; neither: nothing is done where some did. */
export interface RevertOptions {
  /** Files stay as they are. */
  readonly conversationOnly?: boolean;
  /** Files are taken back whatever stands in them now. */
  readonly overwrite?: boolean;
}

export type RevertOutcome =
  | {
      readonly type: 'reverted';
      /** Prompts and answers that were taken back. */
      readonly messages: number;
      /** Absolute paths of the files that were brought back. */
      readonly files: readonly string[];
      /** Files that could not be brought back, because their content was too large to keep. */
      readonly left: readonly string[];
      /** Calls ran in what was taken back whose changes to files are not known. */
      readonly unseen: boolean;
    }
  | { readonly type: 'unreverted'; readonly files: readonly string[]; readonly left: readonly string[] }
  /** These files are not as the session left them. Nothing was changed; `options` say what to do. */
  | { readonly type: 'conflict'; readonly files: readonly string[] }
  | {
      /** Bringing a file back failed: the others were put back as they were, and the conversation stays. */
      readonly type: 'failed';
      readonly file: string;
      /** What happened, to what, and what to do. */
      readonly text: string;
      /** Files that could not be put back either. */
      readonly left: readonly string[];
    };
