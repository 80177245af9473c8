import { hasCode } from '#shared/host-error.ts';
import type { PermissionReply, PermissionRequest } from '#shared/permission.ts';
import { say } from '#shared/words.ts';
import type { Host } from '../host.ts';

export interface AnswerWorld {
  readonly sessions: Pick<Host['sessions'], 'reply' | 'interrupt'>;
  readonly autoApprove: boolean;
  /** Tells the user, on standard error. */
  readonly tell: (line: string) => void;
}

/**
 * Nobody is there to ask: with `--auto-approve` what only asks is allowed, but never a floor and never a step out of
 * the folder (decision 4); everything else is rejected, with a word to the model so that it can go on. Where even that
 * fails the session is interrupted: nothing would ever answer, and the run would wait for good. Never rejects.
 */
export async function answerPermission(request: PermissionRequest, world: AnswerWorld): Promise<void> {
  const { sessions, tell } = world;
  try {
    await sessions.reply(request.id, replyTo(request, world));
  } catch (error) {
    // Answered already, or its call is gone.
    if (hasCode(error, 'permission.unknown')) return;
    tell(textOf(error));
    await sessions.interrupt(request.sessionID).catch((failure: unknown) => tell(textOf(failure)));
  }
}

function replyTo(request: PermissionRequest, { autoApprove, tell }: AnswerWorld): PermissionReply {
  const never = request.origin.layer === 'floor' || request.permission === 'external_directory';
  if (autoApprove && !never) return { type: 'once' };
  const key = autoApprove || never ? 'cli.rejected.floor' : 'cli.rejected';
  tell(say({}, key, [request.permission, request.patterns.join(' ')]));
  return {
    type: 'reject',
    message: 'Nobody is there to approve this. Do without it, or say what you would need.',
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
