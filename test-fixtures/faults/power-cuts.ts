import { liveAndDie } from '#host/store/testing/lives.ts';
import { portion, type Scenario, Tally } from './scenario.ts';

const fullImages = 20_000;

/** T2: disks as a power failure may leave them, at whatever call, with both models of what becomes of names. */
export const powerCuts: Scenario = {
  name: 'T2 power cuts',
  async run(options) {
    const tally = new Tally();
    const wanted = portion(fullImages, options, 50);
    let images = 0;
    for (let seed = options.seed * 1_000_000; images < wanted && !tally.failed; seed++) {
      await tally.try(`seed ${seed}`, () => {
        const report = liveAndDie(seed, undefined, { imagesPerCut: 3 });
        images += report.images;
        tally.count('lives');
        tally.countAll({ ...report });
      });
    }
    return tally.outcome();
  },
};
