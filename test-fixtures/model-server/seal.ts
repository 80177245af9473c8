import { createHmac } from 'node:crypto';

/**
 * Signatures under what a model thought and what the server's own tools did. They follow from what they sign, so that
 * the server knows its own again without keeping anything: retries, reloads and forks of a conversation work.
 */
export function seal(...signed: readonly string[]): string {
  return createHmac('sha256', 'the scripted model').update(JSON.stringify(signed)).digest('base64');
}

/** The same as part of an id. */
export function sealedID(prefix: string, ...signed: readonly string[]): string {
  return `${prefix}_${Buffer.from(seal(...signed), 'base64')
    .toString('hex')
    .slice(0, 24)}`;
}

const afterThought = '_thought';

/** The id of a call that a thought stands behind which has to come back with it. */
export function boundID(id: string): string {
  return `${id}${afterThought}`;
}

/** Whether the thought behind this call has to come back with it. */
export function isBound(id: string | undefined): boolean {
  return id?.endsWith(afterThought) === true;
}
