import type { PermissionReply, PermissionRequest } from '#shared/permission.ts';
import { say } from '#shared/words.ts';
import type { Host } from '../host.ts';

/**
 * Nobody is there to ask: with `--auto-approve` what only asks is allowed, but never a floor and never a step out of
 * the folder (decision 4); everything else is rejected, with a word to the model so that it can go on.
 */
export function answerPermission(request: PermissionRequest, host: Host, autoApprove: boolean): void {
  const reply = replyTo(request, autoApprove);
  host.sessions.reply(request.id, reply).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  });
}

function replyTo(request: PermissionRequest, autoApprove: boolean): PermissionReply {
  const never = request.origin.layer === 'floor' || request.permission === 'external_directory';
  if (autoApprove && !never) return { type: 'once' };
  const key = autoApprove || never ? 'cli.rejected.floor' : 'cli.rejected';
  process.stderr.write(`${say({}, key, [request.permission, request.patterns.join(' ')])}\n`);
  return {
    type: 'reject',
    message: 'Nobody is there to approve this. Do without it, or say what you would need.',
  };
}
