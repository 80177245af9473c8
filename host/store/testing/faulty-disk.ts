import type { Disk } from '../disk.ts';
import { hookedDisk, type Verb } from './hooked-disk.ts';
import { diskError } from './memory-disk.ts';

/** Verbs that fail alike. */
export type FaultKind = keyof typeof kinds;
const kinds = {
  write: ['write', 'append'],
  sync: ['sync', 'sync-file', 'sync-folder'],
  create: ['create'],
  rename: ['rename'],
  remove: ['remove'],
  truncate: ['truncate', 'cut'],
  folder: ['make-folder'],
  list: ['list'],
  read: ['read'],
} as const satisfies Readonly<Record<string, readonly Verb[]>>;

export interface Fault {
  readonly kind: FaultKind;
  /** Which call of that kind fails, from 1. */
  readonly at: number;
  readonly code: string;
  /** All later calls of that kind fail as well. */
  readonly isSticky: boolean;
}

/** A disk whose nth call of a kind fails. A failing write leaves half of its bytes behind. */
export function faultyDisk(disk: Disk, fault: Fault): Disk & { mend(): void; readonly failed: number } {
  const verbs: readonly Verb[] = kinds[fault.kind];
  let calls = 0;
  let failed = 0;
  let isMended = false;
  const hooked = hookedDisk(disk, ({ verb, half }) => {
    if (!verbs.includes(verb) || isMended) return undefined;
    calls += 1;
    if (calls !== fault.at && !(fault.isSticky && calls > fault.at)) return undefined;
    failed += 1;
    half();
    throw diskError(fault.code, verb);
  });
  return {
    ...hooked,
    mend() {
      isMended = true;
    },
    get failed() {
      return failed;
    },
  };
}
