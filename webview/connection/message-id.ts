import { monotonicFactory } from 'ulid';
import type { MessageID } from '#shared/ids.ts';

/** A new prompt's id. Made here, so that sending again after a fault cannot run a prompt twice (RT-17). */
export function createMessageID(): MessageID {
  return `msg_${next()}` as MessageID;
}

const next = monotonicFactory();
