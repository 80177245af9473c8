import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { scenarios } from './all.ts';
import { type FaultRun, proofText, type Result, resultLines, whyNoProof } from './proof.ts';
import type { Outcome, RunOptions, Scenario } from './scenario.ts';
import { soak } from './soak.ts';

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
  const beside = chosen.includes(soak) ? runOne(soak, options) : undefined;
  const results: Result[] = [];
  for (const scenario of chosen) if (scenario !== soak) results.push(await runOne(scenario, options));
  return beside === undefined ? results : [...results, await beside];
}

/** What a scenario throws is its failure, not the end of the others. */
async function runOne(scenario: Scenario, options: RunOptions): Promise<Result> {
  const started = performance.now();
  const outcome: Outcome = await scenario.run(options).catch((error: unknown) => ({
    counts: {},
    failures: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
  }));
  const result = { ...outcome, name: scenario.name, seconds: (performance.now() - started) / 1000 };
  for (const line of resultLines(result)) console.log(line);
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
