import { agedDisk, lastSegment } from '#host/store/testing/aged-disk.ts';
import { hasty } from '#host/store/testing/hasty.ts';
import { holdingsOf, snapshotsOf } from '#host/store/testing/lives.ts';
import { MemoryDisk } from '#host/store/testing/memory-disk.ts';
import { added, openToy } from '#host/store/testing/toy-engine.ts';
import { standingOf } from './damage.ts';
import { type RunOptions, type Scenario, spread, Tally } from './scenario.ts';

/** T3: a file cut at every byte of its last three records, and a snapshot and a shelf at every byte. */
export const truncations: Scenario = {
  name: 'T3 truncations',
  async run(options) {
    const tally = new Tally();
    await cutJournal(tally, options);
    await cutBoth(tally);
    const { disk, whole } = agedDisk('closed');
    const [newest = '', ...older] = disk
      .list('.')
      .filter((name) => name.startsWith('snapshot-'))
      .toReversed();
    for (const file of [newest, ...older, ...disk.list('bodies').map((name) => `bodies/${name}`)]) {
      const bytes = Buffer.from(disk.read(file));
      for (const size of spread(0, bytes.length, file.startsWith('bodies/') ? oftener(options) : options)) {
        await tally.try(`${file} cut to ${size}`, () => {
          const standing = standingOf(disk.copy({ file, bytes: bytes.subarray(0, size) }), whole);
          tally.count(file.startsWith('bodies/') ? 'shelf cuts' : 'snapshot cuts');
          const isRight = file === newest ? standing === 'mended' : standing !== 'torn';
          if (!isRight) tally.fail(`${file} cut to ${size}: ${standing}`);
        });
      }
    }
    return tally.outcome();
  },
};

/** An owner was killed: what stands there counts, and what is half there passes for what was never acknowledged. */
async function cutJournal(tally: Tally, options: RunOptions): Promise<void> {
  const { disk, whole } = agedDisk('killed');
  const file = lastSegment(disk);
  const bytes = Buffer.from(disk.read(file));
  const end = bytes.lastIndexOf('}') + 1;
  const starts = recordStarts(bytes.subarray(0, end)).slice(-3);
  const sizes = new Set([...starts, ...spread(starts[0] ?? 0, end + 1, oftener(options))]);
  for (const size of sizes) {
    await tally.try(`${file} cut to ${size}`, () => {
      const missing = starts.filter((start) => start >= size || size < endOf(start, starts, end)).length;
      const { length } = whole.notes;
      const kept = { notes: whole.notes.slice(0, length - missing), gone: whole.gone };
      const standing = standingOf(disk.copy({ file, bytes: bytes.subarray(0, size) }), kept);
      tally.count('journal cuts');
      const isBetween = starts.includes(size) || size === end;
      if (standing !== (isBetween ? 'untouched' : 'mended'))
        tally.fail(`${file} cut to ${size}: ${standing}`);
    });
  }
}

/**
 * Two faults at once: the newest snapshot is damaged, and the journal that is to stand in for it is short. What the
 * snapshot's name proves to have been there must not go missing in silence.
 */
async function cutBoth(tally: Tally): Promise<void> {
  const { disk, segment } = twoSnapshots();
  const whole = holdingsOf(openToy(disk.copy()));
  const [newest = ''] = snapshotsOf(disk);
  const damaged = disk.copy({ file: newest, bytes: Buffer.from(disk.read(newest)).subarray(0, 4096) });
  const bytes = Buffer.from(damaged.read(segment));
  for (let size = 33; size < bytes.length; size++) {
    await tally.try(`${newest} damaged, and ${segment} cut to ${size}`, () => {
      const standing = standingOf(damaged.copy({ file: segment, bytes: bytes.subarray(0, size) }), whole);
      tally.count('cuts beside a damaged snapshot');
      if (standing !== 'reported')
        tally.fail(`${newest} damaged, and ${segment} cut to ${size}: ${standing}`);
    });
  }
}

/** Two snapshots, records between them, and no segment behind the newest one. */
function twoSnapshots(): { readonly disk: MemoryDisk; readonly segment: string } {
  const disk = new MemoryDisk();
  const toy = openToy(disk, { policy: hasty });
  for (let count = 1; count <= 10; count++) {
    toy.commit(added(`own1.n${count}`, `own1.n${count} `.repeat(9)));
    if (count === 6) toy.upkeep('idle');
  }
  const segment = lastSegment(disk);
  toy.upkeep('idle');
  return {
    segment,
    disk: new MemoryDisk(new Map([...disk.files].filter(([file]) => file !== lastSegment(disk)))),
  };
}

function recordStarts(bytes: Buffer): readonly number[] {
  const starts: number[] = [];
  for (let at = 32; at < bytes.length; at += 25 + bytes.readUInt32LE(at)) starts.push(at);
  return starts;
}

function endOf(start: number, starts: readonly number[], end: number): number {
  return starts[starts.indexOf(start) + 1] ?? end;
}

/** Short files. */
function oftener({ share, seed }: RunOptions): RunOptions {
  return { seed, share: Math.min(1, share * 5) };
}
