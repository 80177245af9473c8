import type { Result } from './proof.ts';
import type { Outcome, RunOptions, Scenario } from './scenario.ts';

/** What a scenario throws is its failure, not the end of the others. */
export async function runOne(scenario: Scenario, options: RunOptions): Promise<Result> {
  const started = performance.now();
  const outcome: Outcome = await scenario.run(options).catch((error: unknown) => ({
    counts: {},
    failures: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
  }));
  return { ...outcome, name: scenario.name, seconds: (performance.now() - started) / 1000 };
}
