import { bitFlips } from './bit-flips.ts';
import { clockJumps } from './clock-jumps.ts';
import { failingCalls } from './failing-calls.ts';
import { fullDisk } from './full-disk.ts';
import { hostKills } from './host-kills.ts';
import { killLoop } from './kill-loop.ts';
import { liveCopies } from './live-copies.ts';
import { longReplay } from './long-replay.ts';
import { mutantHunt } from './mutant-hunt.ts';
import { openKills } from './open-kills.ts';
import { powerCuts } from './power-cuts.ts';
import type { Scenario } from './scenario.ts';
import { snapshotErrors } from './snapshot-errors.ts';
import { soak } from './soak.ts';
import { stoppedOwner } from './stopped-owner.ts';
import { truncations } from './truncations.ts';
import { twoWindows } from './two-windows.ts';

/** All tests of durability, in the order in which they are told; see `lanesBeside`. */
export const scenarios: readonly Scenario[] = [
  mutantHunt,
  snapshotErrors,
  longReplay,
  clockJumps,
  openKills,
  fullDisk,
  stoppedOwner,
  liveCopies,
  twoWindows,
  truncations,
  bitFlips,
  failingCalls,
  powerCuts,
  hostKills,
  killLoop,
  soak,
];

/** Those that mostly wait for processes of theirs run beside the others, each list in turn. */
export const lanesBeside: readonly (readonly Scenario[])[] = [[soak], [stoppedOwner, hostKills]];
