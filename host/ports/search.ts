/** Finds the programs that search files, never inside the folder that is searched (decision 24). */
export interface Search {
  /** Absolute path of ripgrep: a known place first, else PATH outside `workspace`, else none. */
  ripgrep(workspace: string): Promise<string | undefined>;
}
