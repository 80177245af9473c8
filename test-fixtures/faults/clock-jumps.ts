import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '#host/ports/clock.ts';
import { Violation } from '#host/store/testing/oracle.ts';
import { openToyStore, temporaryFolder } from '#host/store/testing/toy-store.ts';
import { type Scenario, Tally } from './scenario.ts';

const hour = 3_600_000;
const year = 365 * 24 * hour;
/** From one opening to the next: a year on, a year back, summer time, winter time, long before files existed. */
const jumps = [0, year, -year, hour, -hour, -2 * year, 30 * year, -60 * year];

/** T8: order is that of the journal, whatever the clock says, and no age of a file decides who owns the folder. */
export const clockJumps: Scenario = {
  name: 'T8 clock jumps',
  async run() {
    const tally = new Tally();
    using folder = temporaryFolder();
    const expected: { readonly id: string; readonly time: number }[] = [];
    let now = Date.UTC(2024, 2, 31, 0, 59, 59);
    for (const [index, jump] of [...jumps, 0].entries()) {
      await tally.try(`jump ${index}, ${jump} ms`, async () => {
        now += jump;
        await using store = await openToyStore(folder.path, {
          ownership: 'refuse',
          clock: clockAt(() => now),
        });
        if (store.state.type !== 'writable' || store.notices.length > 0)
          throw new Violation(`opened as ${store.state.type}, ${store.notices[0]?.code}`);
        const found = (await store.read('note.all')).map(({ id, time }) => ({ id, time }));
        if (JSON.stringify(found) !== JSON.stringify(expected))
          throw new Violation('another order, or other times');
        for (let count = 0; count < 5; count++) {
          const id = `jump${index}.n${count}`;
          // Within one life as well.
          now += count % 2 === 0 ? -year / 2 : year / 2;
          await store.commit([{ type: 'note.added', id, text: id.repeat(count * 120 + 1) }]);
          expected.push({ id, time: now });
        }
        tally.count('jumps', 6);
      });
      // What the file system remembers of the old time.
      for (const name of readdirSync(folder.path))
        utimesSync(join(folder.path, name), now / 1000, now / 1000);
    }
    return tally.outcome();
  },
};

function clockAt(now: () => number): Clock {
  return { now, monotonic: () => performance.now(), after: () => ({ [Symbol.dispose]: () => undefined }) };
}
