import { agedDisk, lastSegment } from '#host/store/testing/aged-disk.ts';
import { hookedDisk } from '#host/store/testing/hooked-disk.ts';
import { liveAndDie, type Spoil } from '#host/store/testing/lives.ts';
import { mutants } from '#host/store/testing/mutants.ts';
import { standingOf } from './damage.ts';
import { failEach, usedFolder } from './failing-calls.ts';
import { type Scenario, Tally } from './scenario.ts';

/**
 * Lives that a mutant may go on unnoticed. The one that is hardest to see shows in one life out of 65, so that luck does
 * not decide here; the store itself goes through more.
 */
const mostLives = 2_000;

/**
 * Figure 14: stores that forget one duty each must be found out, by the very tests that the store passes. In lives
 * with power cuts, and those that only show there, by failing calls and by flipped bits.
 */
export const mutantHunt: Scenario = {
  name: 'T2 mutants',
  async run({ seed }) {
    const tally = new Tally();
    for (const [name, spoil] of Object.entries(mutants)) {
      const lives = livesOf(spoil, seed * 1_000_000);
      report(tally, name, lives !== undefined);
      tally.most('lives until the last of them showed', lives ?? mostLives);
    }
    report(tally, 'does not cut back what was refused', await isFoundByFailures());
    report(tally, 'does not check its records, where no power was cut', isFoundByFlips());
    return tally.outcome();
  },
};

function report(tally: Tally, name: string, isFoundOut: boolean): void {
  tally.count('mutants');
  if (isFoundOut) tally.count('found out');
  else tally.fail(`a store that ${name} went unnoticed`);
}

/** Whatever it throws gives a mutant away: a crash is no better than a loss. */
function livesOf(spoil: Spoil, first: number): number | undefined {
  for (let lives = 1; lives <= mostLives; lives++) {
    try {
      liveAndDie(first + lives, spoil, { imagesPerCut: 3 });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return lives;
    }
  }
  return undefined;
}

async function isFoundByFailures(): Promise<boolean> {
  const tally = new Tally();
  const cutsNothing: Spoil = (disk) =>
    hookedDisk(disk, ({ verb }) => (verb === 'truncate' ? 'skip' : undefined));
  await failEach({ kind: 'sync', code: 'EIO', isSticky: true }, usedFolder(), {
    tally,
    spoil: cutsNothing,
    stride: 1,
  });
  return tally.failed;
}

function isFoundByFlips(): boolean {
  const { disk, whole } = agedDisk('closed');
  const file = lastSegment(disk);
  const spoil = mutants['does not check its records'];
  for (let at = 100; at < 400; at++) {
    const bytes = Buffer.from(disk.read(file));
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    try {
      standingOf(disk.copy({ file, bytes }), whole, spoil);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return true;
    }
  }
  return false;
}
