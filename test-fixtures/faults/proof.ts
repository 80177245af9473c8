import type { Outcome } from './scenario.ts';

/** One run of all the tests of durability, or of some. */
export interface FaultRun {
  readonly seed: number;
  readonly share: number;
  /** Only some of the scenarios were asked for. */
  readonly isPartial: boolean;
  /** Hash of the commit, and whether the tree was as committed. */
  readonly commit: string;
  readonly isClean: boolean;
  readonly started: Date;
  readonly ended: Date;
  readonly machine: string;
  readonly results: readonly Result[];
}

export interface Result extends Outcome {
  readonly name: string;
  readonly seconds: number;
}

/** Why a run proves nothing; undefined for a full one without failures. */
export function whyNoProof({ share, isPartial, results }: FaultRun): string | undefined {
  if (share !== 1 || isPartial) return 'it is not a full run';
  const failed = results.filter(({ failures }) => failures.length > 0);
  if (failed.length > 0) return `it failed: ${failed.map(({ name }) => name).join(', ')}`;
  const skipped = results.filter((result) => result.skipped !== undefined);
  if (skipped.length > 0) return `it left something out: ${skipped.map(({ name }) => name).join(', ')}`;
  return results.length === 0 ? 'nothing was run' : undefined;
}

/** What `docs/proofs/faults.txt` says. */
export function proofText(run: FaultRun): string {
  const head = [
    'npm run test:faults',
    `seed      ${run.seed}`,
    `commit    ${run.commit}, ${run.isClean ? 'clean tree' : 'with changes that are not committed'}`,
    `started   ${run.started.toISOString()}`,
    `ended     ${run.ended.toISOString()}`,
    `machine   ${run.machine}`,
  ];
  return [...head, '', ...run.results.flatMap(resultLines)].join('\n');
}

export function resultLines({ name, seconds, counts, failures, skipped }: Result): readonly string[] {
  const facts = Object.entries(counts).map(([what, count]) => `  ${String(count).padStart(9)}  ${what}`);
  return [
    `${name} (${seconds.toFixed(0)} s): ${failures.length === 0 ? 'nothing found wrong' : `${failures.length} failures`}`,
    ...facts,
    ...(skipped === undefined ? [] : [`  left out: ${skipped}`]),
    ...failures.slice(0, 20).map((failure) => `  FAILED ${failure}`),
    '',
  ];
}
