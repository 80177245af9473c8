export interface Command {
  /** Absolute path of the program. */
  readonly program: string;
  readonly args: readonly string[];
  /** Real path of a directory; refused with `file.moved` where it no longer is the one that the path names. */
  readonly directory: string;
  /**
   * The whole environment of the child: nothing is inherited. A process with `MILLRACE_RELAY=1` in it only carries
   * output: it is no leftover, and ends by itself with those who write to it.
   */
  readonly environment: Readonly<Record<string, string>>;
}

export interface ProcessEnd {
  /** Absent when a signal ended the process. */
  readonly code?: number;
  readonly signal?: string;
  /** Processes that the command had left running in the background and that were ended with it. */
  readonly leftovers: number;
}

/** A program of our own, with all that it starts. Disposing ends the tree and waits for that. */
export interface OwnedProcess extends AsyncDisposable {
  /** Bytes as they come, back-pressure included; each is read once, and ends when the tree is gone. */
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly stderr: AsyncIterable<Uint8Array>;
  /** Resolves when the program has ended and its tree with it; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** Ends the tree: SIGTERM, and SIGKILL for what is still there 3 s later. Resolves when it is gone. */
  kill(): Promise<void>;
}

/** Child processes, each in a group of its own, with a closed stdin and no terminal. */
export interface Processes {
  /** Throws `process.not-started` when the program is missing or cannot be run. */
  start(command: Command): Promise<OwnedProcess>;
  /** The environment of this process, as a child would inherit it. */
  environment(): Readonly<Record<string, string>>;
}
