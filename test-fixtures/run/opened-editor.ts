import type { Profile } from '../editor/profile.ts';

/** What `npm start` asks of an editor, whichever it is. */
export interface StartOptions {
  /** The project's root. */
  readonly project: string;
  readonly profile: Profile;
  readonly workspace: string;
  readonly env: NodeJS.ProcessEnv;
  /** true for our own sample: the editor need not ask whether to trust it. */
  readonly trust: boolean;
  readonly signal: AbortSignal;
}

/** An editor that is up. Disposing ends it and what it started. */
export interface OpenedEditor extends AsyncDisposable {
  /** One line for the user: what it is and where. */
  readonly description: string;
  /** Resolves when the user closed it; never for one that lives in a browser. */
  readonly closed: Promise<void>;
}
