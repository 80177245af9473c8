import type { Break } from '#host/store/testing/breaking-fs.ts';
import type { MessageID, PermissionID, SessionID } from '#shared/ids.ts';
import type { MessageWithParts } from '#shared/session.ts';

/** What `host-child.ts` is started with. */
export interface HostOptionsLine {
  /** Stands for the user's home folder. */
  readonly home: string;
  readonly workspace: string;
  readonly storage: string;
}

export type HostCommand =
  /** From now on, the moment at which it dies. */
  | { readonly type: 'arm'; readonly at: Break }
  | {
      readonly type: 'prompt';
      readonly sessionID: SessionID;
      readonly messageID: MessageID;
      readonly text: string;
    }
  | { readonly type: 'reply'; readonly id: PermissionID }
  /** The user says *Continue*. */
  | { readonly type: 'go-on'; readonly sessionID: SessionID }
  /** The user has the history folded into a summary. */
  | { readonly type: 'compact'; readonly sessionID: SessionID }
  | { readonly type: 'look'; readonly sessionID: SessionID };

/** What it says, after it has happened. */
export type HostLine =
  | { readonly type: 'opened' | 'armed' | 'idle' }
  | { readonly type: 'admitted'; readonly messageID: MessageID }
  | { readonly type: 'asked'; readonly id: PermissionID }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }
  | HostView;

export interface HostView {
  readonly type: 'view';
  readonly isBusy: boolean;
  readonly inbox: readonly MessageID[];
  readonly asked: readonly PermissionID[];
  readonly messages: readonly MessageWithParts[];
  readonly notices: readonly string[];
}
