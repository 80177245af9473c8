/** A file that the user has open. */
export interface OpenEditor {
  /** Relative to the Location, with slashes. */
  readonly path: string;
  /** The one in front. */
  readonly active: boolean;
}

/** What language services say of a file. */
export interface FileDiagnostics {
  /** Relative to the Location, with slashes. */
  readonly path: string;
  readonly errors: number;
  readonly warnings: number;
}

/**
 * What the user sees of a Location at one moment: files inside it only, each once, in no order. Looking changes
 * nothing: it opens no document and starts no language service.
 */
export interface WorkspaceView {
  openEditors(directory: string): Promise<readonly OpenEditor[]>;
  diagnostics(directory: string): Promise<readonly FileDiagnostics[]>;
}
