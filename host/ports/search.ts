/** Finds the programs that tools run, never inside the folder that is searched (decision 24). */
export interface Search {
  /** Absolute path of ripgrep: a known place first, else PATH outside `workspace`, else none. */
  ripgrep(workspace: string): Promise<string | undefined>;
  /** Absolute path of a program on PATH outside `workspace`; undefined when there is none. */
  program(name: string, workspace: string): Promise<string | undefined>;
}
