import type { SnapshotPolicy } from '../snapshot-policy.ts';

/** A snapshot every few commits. */
export const hasty: SnapshotPolicy = {
  bytes: 12_000,
  share: 0,
  records: 7,
  worthBytes: 1,
  worthRecords: 1,
  idle: 1000,
};
