import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { hasty } from '#host/store/testing/hasty.ts';
import { checkTemporary, Ending, endingAt, holdingsOf, randomNumbers } from '#host/store/testing/lives.ts';
import type { MemoryDisk } from '#host/store/testing/memory-disk.ts';
import { Violation } from '#host/store/testing/oracle.ts';
import { freeToys, openToy } from '#host/store/testing/toy-engine.ts';
import { temporaryFolder } from '#host/store/testing/toy-store.ts';
import { startStore } from './children.ts';
import { type UsedFolder, usedFolder } from './failing-calls.ts';
import { openTwice } from './kill-loop.ts';
import { portion, type RunOptions, type Scenario, Tally } from './scenario.ts';
import { StoreLedger } from './store-ledger.ts';

/** T6: the opening of a folder with something to mend of each sort ends at each of its calls, in turn. */
export const openKills: Scenario = {
  name: 'T6 kills at opening',
  async run(options) {
    const tally = new Tally();
    const used = usedFolder();
    let isOver = false;
    for (let call = 0; !isOver && call < 5000; call++) {
      await tally.try(`call ${call}`, () => {
        isOver = endAt(call, used, { tally, random: randomNumbers(options.seed + call) });
      });
      freeToys();
    }
    await killProcesses(tally, options);
    return tally.outcome();
  },
};

interface Ends {
  readonly tally: Tally;
  readonly random: () => number;
}

/** @returns whether the opening came to its end before that call. */
function endAt(call: number, used: UsedFolder, { tally, random }: Ends): boolean {
  for (const isHalfDone of [false, true]) {
    const disk = used.disk.copy();
    const ending = endingAt(disk, call, isHalfDone);
    try {
      const toy = openToy(ending.disk, { policy: hasty });
      toy.upkeep('pause');
    } catch (error) {
      if (!(error instanceof Ending)) throw error;
    }
    if (!ending.isOver()) return true;
    tally.count('kills in memory');
    verify(disk.copy(), used);
    for (const entries of ['prefix', 'subset'] as const) {
      tally.count('power cuts');
      verify(disk.powerCut({ random, entries }), used);
    }
  }
  return false;
}

function verify(disk: MemoryDisk, { oracle }: UsedFolder): void {
  for (const when of ['opened again', 'opened twice']) {
    const toy = openToy(disk);
    const { state } = toy.engine;
    if (state.type !== 'writable') throw new Violation(`${when}: ${state.code} ${state.data['0']}`);
    oracle.check(holdingsOf(toy), when);
    checkTemporary(disk, when);
    if (when === 'opened twice' && toy.notices.length > 0)
      throw new Violation(`the second open mends again: ${toy.notices[0]?.code}`);
  }
}

const fullKills = 120;

/** The same with a process and its real calls, those of the lock included. */
async function killProcesses(tally: Tally, options: RunOptions): Promise<void> {
  using folder = temporaryFolder();
  const base = join(folder.path, 'base');
  const lines = await workAndDie(base);
  const kills = portion(fullKills, options, 2);
  const stride = fullKills / kills;
  for (let kill = 0; kill < kills; kill++) {
    const nth = 1 + Math.floor(kill * stride) + (options.seed % Math.max(1, Math.floor(stride)));
    const directory = join(folder.path, `${kill}`);
    cpSync(base, directory, { recursive: true });
    await tally.try(`real call ${nth}`, async () => {
      const at = { nth, when: 'before', action: 'kill' } as const;
      await using child = startStore({ directory, name: 'opener', commits: 0 }, { at });
      if ((await child.ended) === 'SIGKILL') tally.count('processes killed');
      const ledger = new StoreLedger();
      ledger.hear(lines);
      await openTwice(directory, ledger, ['base']);
    });
  }
}

async function workAndDie(directory: string): Promise<Parameters<StoreLedger['hear']>[0]> {
  const at = { call: 'writeSync', path: 'snapshot-', nth: 7, when: 'half', action: 'kill' } as const;
  await using child = startStore({ directory, name: 'base' }, { at });
  await child.ended;
  return child.lines;
}
