import type { MessageID, SessionID } from '#shared/ids.ts';
import type { PermissionRequest, PermissionRule } from '#shared/permission.ts';
import type { PermissionNeed } from './tool.ts';

/** The call that needs something. */
export interface PermissionCall {
  readonly sessionID: SessionID;
  readonly messageID: MessageID;
  readonly callID: string;
  /** The tool's id. */
  readonly name: string;
  /** The agent of the provider turn that issued the call: its policy holds (TL-06). */
  readonly agent: string;
  /** The request of this call that was open when the host stopped: it is asked on, not anew. */
  readonly resumed?: PermissionRequest;
}

export type PermissionOutcome =
  | { readonly type: 'allowed' }
  /** A rule forbids it. */
  | { readonly type: 'denied'; readonly rule?: PermissionRule }
  /** The user said no; `message` is for the model. */
  | { readonly type: 'rejected'; readonly message?: string };

/** Answers one need of one call: by rule, by saved answer, or by asking, for as long as it takes. */
export interface PermissionGate {
  /** Whether the call's turn was not shown tools of this rule key: then nothing of the tool runs, not even its looks. */
  isHidden?(permissionKey: string, call: PermissionCall): boolean;
  /** Rejects with the signal's reason when it is aborted. */
  authorize(need: PermissionNeed, call: PermissionCall, signal: AbortSignal): Promise<PermissionOutcome>;
}
