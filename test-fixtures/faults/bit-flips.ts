import { agedDisk } from '#host/store/testing/aged-disk.ts';
import { snapshotsOf } from '#host/store/testing/lives.ts';
import type { MemoryDisk } from '#host/store/testing/memory-disk.ts';
import { type Standing, standingOf } from './damage.ts';
import { type RunOptions, type Scenario, spread, Tally } from './scenario.ts';

/** T4: a flip of a bit in every byte of a folder that was closed: journal, snapshots, shelves. */
export const bitFlips: Scenario = {
  name: 'T4 bit flips',
  async run(options) {
    const tally = new Tally();
    const { disk, whole } = agedDisk('closed');
    // Older files stand in for the newest snapshot: nothing is lost with it.
    const [newest] = snapshotsOf(disk);
    for (const [file, bytes] of disk.files) {
      for (const at of spread(0, bytes.length, options)) {
        await tally.try(`${file}, byte ${at}`, () => {
          const standing = standingOf(flipped(disk, { file, at }), whole);
          tally.count('bytes flipped');
          tally.count(wordOf(standing));
          if (file === newest && standing !== 'mended') tally.fail(`${file}, byte ${at}: ${standing}`);
          // The mark of a clean end stands behind everything: without it nothing can pass for a torn write.
          if (standing === 'torn')
            tally.fail(`${file}, byte ${at}: lost as if it had never been acknowledged`);
        });
      }
    }
    await flipNewestRecord(tally, options);
    return tally.outcome();
  },
};

/** Without the mark of a clean end the very last record alone may pass for a torn write. */
async function flipNewestRecord(tally: Tally, options: RunOptions): Promise<void> {
  const { disk, whole } = agedDisk('killed');
  const file = disk.list('.').findLast((name) => name.startsWith('journal-')) ?? '';
  const bytes = Buffer.from(disk.read(file));
  const end = bytes.lastIndexOf('}') + 1;
  const lastRecord = bytes.lastIndexOf('{"time"', end) - 25;
  for (const at of spread(0, end, options)) {
    await tally.try(`${file} of a killed owner, byte ${at}`, () => {
      const standing = standingOf(flipped(disk, { file, at }), whole);
      tally.count('bytes flipped');
      tally.count(standing === 'torn' ? 'last record unmarked' : wordOf(standing));
      if (standing === 'torn' && at < lastRecord)
        tally.fail(`${file}, byte ${at}: more than the last record is lost`);
    });
  }
}

function flipped(disk: MemoryDisk, { file, at }: { readonly file: string; readonly at: number }): MemoryDisk {
  const bytes = Buffer.from(disk.read(file));
  bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (at % 8)), at);
  return disk.copy({ file, bytes });
}

function wordOf(standing: Standing): string {
  return standing === 'reported' ? 'loss reported' : standing;
}
