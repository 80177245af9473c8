import { encodeHeader, encodeRecord } from '#host/store/frame.ts';
import { segmentFile } from '#host/store/recovery.ts';
import { holdingsOf } from '#host/store/testing/lives.ts';
import { MemoryDisk } from '#host/store/testing/memory-disk.ts';
import { Violation } from '#host/store/testing/oracle.ts';
import { freeToys, openToy } from '#host/store/testing/toy-engine.ts';
import { type Scenario, Tally } from './scenario.ts';

const records = 10_000;

/** T11: ten thousand records with no snapshot, half of them of an older version; then one of a newer among them. */
export const longReplay: Scenario = {
  name: 'T11 long replay',
  async run() {
    const tally = new Tally();
    await tally.try('versions that are known', () => {
      const started = performance.now();
      const toy = openToy(journalOf(() => undefined));
      tally.count('milliseconds for the replay', Math.round(performance.now() - started));
      const { notes } = holdingsOf(toy);
      const isRight = notes.every(
        ({ id, text, seq }, index) => id === `n${index + 1}` && text === `text of ${id}` && seq === index + 1,
      );
      if (toy.engine.state.type !== 'writable' || notes.length !== records || !isRight)
        throw new Violation(`${notes.length} notes, ${toy.engine.state.type}`);
      tally.count('records replayed', records);
    });
    for (const skewed of [1, 2, 5000, records]) {
      await tally.try(`a newer version at ${skewed}`, () => {
        const disk = journalOf((number) => (number === skewed ? 9 : undefined));
        const before = disk.files;
        const toy = openToy(disk);
        const { state } = toy.engine;
        const { notes } = holdingsOf(toy);
        if (state.type !== 'read-only' || state.code !== 'store.newer')
          throw new Violation(`opened as ${state.type}`);
        if (notes.length !== skewed - 1) throw new Violation(`${notes.length} notes before it`);
        if (!toy.notices.some(({ code }) => code === 'store.newer')) throw new Violation('nobody is told');
        const isUntouched = [...before].every(([file, bytes]) => disk.files.get(file)?.equals(bytes));
        if (!isUntouched) throw new Violation('something of it was changed');
        tally.count('skewed journals');
      });
    }
    freeToys();
    return tally.outcome();
  },
};

/** A segment as older versions wrote it. @param versionOf of the event of that record, if not one that is known. */
function journalOf(versionOf: (number: number) => number | undefined): MemoryDisk {
  const header = encodeHeader({ epoch: 1, firstLsn: 1 });
  const seed = header.readUInt32LE(28);
  const all = Array.from({ length: records }, (_, index) => {
    const number = index + 1;
    const id = `n${number}`;
    const text = `text of ${id}`;
    const old = number % 2 === 0;
    const v = versionOf(number) ?? (old ? 1 : 2);
    const data = old ? { id, title: text } : { id, text };
    const payload = JSON.stringify({ time: 0, seq: number, events: [{ type: 'note.added', v, data }] });
    return encodeRecord({ seed, lsn: number, durable: index, kind: 1, payload });
  });
  return new MemoryDisk(new Map([[segmentFile(1), Buffer.concat([header, ...all])]]));
}
