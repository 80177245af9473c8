import type { FileFacts } from '../ports/files.ts';

/** What a path is wanted for; `list` covers walking and searching below it. */
export type PathOperation = 'read' | 'write' | 'list';

/** A path that the authority has resolved and that its verbs accept; made by nobody else. */
export interface AuthorizedPath {
  readonly operation: PathOperation;
  /** Absolute, every link resolved. */
  readonly real: string;
  /** What rules are matched against and people read: relative to the Location with slashes, else absolute. */
  readonly shown: string;
  readonly place: 'inside' | 'managed' | 'external';
  /** What stood there when it was looked at; absent when nothing did. */
  readonly facts?: FileFacts;
}

export type Verdict =
  /** In the Location, or readable Managed Tool Output. */
  | { readonly type: 'inside'; readonly path: AuthorizedPath }
  /** Needs the `external_directory` permission. */
  | { readonly type: 'external'; readonly path: AuthorizedPath }
  /** Inside, but always asks; `reason` names what is protected. */
  | { readonly type: 'protected'; readonly path: AuthorizedPath; readonly reason: string }
  /** Refused before anything is opened; `reason` goes on after "the path cannot be used: ". */
  | { readonly type: 'invalid'; readonly reason: string };
