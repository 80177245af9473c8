import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { lanesBeside, scenarios } from './all.ts';
import { type FaultRun, proofText, type Result, resultLines, whyNoProof } from './proof.ts';
import { runOne } from './run-one.ts';
import type { RunOptions, Scenario } from './scenario.ts';

// `npm run test:faults [-- --share 0.01] [--seed N] [--only T1,T9]`: the tests of durability at full length, or at a
// share of it. A full run in which nothing is found wrong is written down in docs/proofs/faults.txt; no other is.

const nameEnd = /[ ,]/;
const proof = 'docs/proofs/faults.txt';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      share: { type: 'string', default: '1' },
      seed: { type: 'string', default: String(Math.floor(Date.now() / 1000) % 1000) },
      only: { type: 'string', default: '' },
    },
  });
  const options = { share: Number(values.share), seed: Number(values.seed) };
  const only = values.only.split(',').filter((word) => word !== '');
  const chosen = scenarios.filter(
    ({ name }) => only.length === 0 || only.includes(name.split(nameEnd)[0] ?? ''),
  );
  if (!(options.share > 0 && options.share <= 1) || !Number.isInteger(options.seed) || chosen.length === 0)
    throw new Error('Usage: npm run test:faults [-- --share 0..1] [--seed N] [--only T1,T2,Figure]');
  const started = new Date();
  const before = treeState();
  console.log(`Seed ${options.seed}, share ${options.share}: ${chosen.map(({ name }) => name).join(', ')}\n`);
  const results = await runAll(chosen, options);
  const run: FaultRun = {
    ...options,
    ...before,
    // A tree that changed while it was tested is not the one of the commit.
    isClean: before.isClean && treeState().isClean,
    isPartial: chosen.length < scenarios.length,
    started,
    ended: new Date(),
    machine: machine(),
    results,
  };
  const why = whyNoProof(run);
  if (why === undefined) writeFileSync(proof, proofText(run));
  console.log(why === undefined ? `Written down in ${proof}.` : `Not written down in ${proof}: ${why}.`);
  process.exitCode = results.some(({ failures }) => failures.length > 0) ? 1 : 0;
}

async function runAll(chosen: readonly Scenario[], options: RunOptions): Promise<readonly Result[]> {
  const lanes = lanesBeside.map((lane) => lane.filter((scenario) => chosen.includes(scenario)));
  const here = chosen.filter((scenario) => !lanesBeside.flat().includes(scenario));
  const results = await Promise.all([
    inTurn(here, (scenario) => runOne(scenario, options)),
    ...lanes.map((lane) => inTurn(lane, ({ name }) => runBeside(name, options))),
  ]);
  const order = chosen.map(({ name }) => name);
  return results.flat().toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}

async function inTurn(
  scenarios: readonly Scenario[],
  run: (scenario: Scenario) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const scenario of scenarios) {
    const result = await run(scenario);
    for (const line of resultLines(result)) console.log(line);
    results.push(result);
  }
  return results;
}

/** In a thread of its own: those that work in memory hold theirs up for minutes. */
async function runBeside(name: string, options: RunOptions): Promise<Result> {
  const worker = new Worker(new URL('beside.ts', import.meta.url), { workerData: { name, options } });
  const [result]: Result[] = await once(worker, 'message');
  if (result === undefined) throw new Error(`${name} ended without a result.`);
  return result;
}

function treeState(): Pick<FaultRun, 'commit' | 'isClean'> {
  const git = (...args: readonly string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
  return {
    commit: git('rev-parse', 'HEAD'),
    isClean: git('status', '--porcelain', '--', '.', `:!${proof}`) === '',
  };
}

function machine(): string {
  const processors = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  return `${processors.length} × ${processors[0]?.model.trim()}, ${memory} GB, ${process.platform} ${release()}, Node ${process.version}`;
}

await main();
