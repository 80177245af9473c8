import { createHash } from 'node:crypto';
import { type Disk, diskErrorCode } from './disk.ts';

/**
 * R13: counts openings that ended their process, by an empty file that stands only while the journal is replayed: an
 * owner that is killed later leaves none. A power cut ends openings without their fault, so that files from before
 * the machine was started do not count.
 *
 *     nothing ─▶ opening-1 ─▶ opening-2 ─▶ not replayed, and opening-1 again: the one after that tries anew
 *
 * @param bootID of the machine's current start; empty where the system does not tell.
 */
export function beginOpening(disk: Disk, bootID: string): Opening {
  const boot = createHash('sha256').update(bootID).digest('hex').slice(0, 16);
  const first = `opening-1-${boot}`;
  const second = `opening-2-${boot}`;
  const names = ignoringDiskErrors(() => disk.list('.').filter((name) => name.startsWith('opening-'))) ?? [];
  const mustNotReplay = names.includes(second);
  const hasFailed = mustNotReplay || names.includes(first);
  ignoringDiskErrors(() => {
    for (const name of names) if (name !== first && name !== second) disk.remove(name);
    if (mustNotReplay) disk.rename(second, first);
    else if (hasFailed) disk.rename(first, second);
    else disk.create(first).close();
  });
  return {
    mustNotReplay,
    survived() {
      if (!mustNotReplay) ignoringDiskErrors(() => disk.remove(hasFailed ? second : first));
    },
  };
}

export interface Opening {
  /** The last two ended their processes. */
  readonly mustNotReplay: boolean;
  /** The index is open. */
  survived(): void;
}

/** A folder that cannot be written opens all the same (R12); its openings are not counted. */
function ignoringDiskErrors<T>(step: () => T): T | undefined {
  try {
    return step();
  } catch (error) {
    if (diskErrorCode(error) === undefined) throw error;
    return undefined;
  }
}
