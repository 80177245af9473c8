/** A document that the editor holds open, seen at one moment. */
export interface OpenDocument {
  /** The buffer, unsaved changes included, with the line ends it would be saved with. */
  readonly text: string;
  /** The buffer differs from what was last saved. */
  readonly dirty: boolean;
}

export type DocumentEdit =
  /** Applied to the buffer; saved as well when it was clean before. `text` is what stands there now, formatters included. */
  | { readonly type: 'applied'; readonly text: string; readonly saved: boolean }
  /** The buffer no longer held `expected`: nothing was changed. */
  | { readonly type: 'changed' }
  /** No such document is open: the caller writes the file itself. */
  | { readonly type: 'not-open' };

/**
 * Documents open in an editor (decision 23). Never opens a tab, never moves the focus or the selection.
 * Paths are absolute real paths.
 */
export interface Documents {
  find(path: string): Promise<OpenDocument | undefined>;
  /** Makes the buffer `text` if it still is `expected`, by the smallest edit, as one undo step. */
  replace(path: string, change: { readonly expected: string; readonly text: string }): Promise<DocumentEdit>;
}
