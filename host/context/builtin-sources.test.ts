import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tempFolder } from '../location/testing/temp-folder.ts';
import { nodeClock } from '../node/clock.ts';
import { builtinSources } from './builtin-sources.ts';
import { createContextRegistry } from './context-registry.ts';
import type { ContextSource } from './context-source.ts';
import { promoting, scriptedView, sourceWorld } from './testing/source-world.ts';

/** A Location of which every source has something to say. */
function fullWorld(change = '') {
  const directory = join(tempFolder('context'), 'project');
  mkdirSync(directory);
  execFileSync('git', ['init', '-q', '-b', `main${change}`], { cwd: directory });
  writeFileSync(join(directory, 'AGENTS.md'), `Be brief.${change}`);
  return sourceWorld(directory, {
    skills: () => [{ name: 'deploy', description: `How to deploy${change}`, from: 'user' }],
    workspaceView: scriptedView({
      editors: [{ path: `src/a${change}.ts`, active: true }],
      diagnostics: [{ path: `src/a${change}.ts`, errors: 1, warnings: 0 }],
    }),
  });
}

function registryOf(sources: readonly ContextSource[]) {
  return createContextRegistry({
    sources,
    clock: nodeClock,
    log,
    onUnavailable: (key, error) => {
      throw new Error(key, { cause: error });
    },
    onAvailable: () => undefined,
  });
}

const log = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Every source with the value that it was seen to have, given when its gate opens. */
async function replayed(sources: readonly ContextSource[]) {
  const values = await Promise.all(sources.map((source) => source.observe(promoting)));
  return () => {
    const gates = sources.map(() => Promise.withResolvers<void>());
    const waiting = sources.map((source, index): ContextSource => {
      const observe = async () => {
        await gates[index]?.promise;
        return values[index];
      };
      return { ...source, observe };
    });
    return { gates, waiting };
  };
}

test('the keys of the sources, which snapshots are stored by, and their order are these', () => {
  const sources = builtinSources(sourceWorld('/nowhere'));
  expect(sources.map(({ key, sampledAt }) => `${key} at ${sampledAt}`)).toEqual([
    'agent at boundaries',
    'environment at boundaries',
    'instructions at boundaries',
    'skills at boundaries',
    'date at boundaries',
    'git at boundaries',
    'git-changes at promotions',
    'editors at promotions',
    'diagnostics at promotions',
  ]);
});

test('baseline, snapshot and changes are the same bytes in 1,000 orders of completion (RT-13)', async () => {
  const sources = builtinSources(fullWorld());
  const orders = fc.shuffledSubarray(
    sources.map((_, index) => index),
    { minLength: sources.length },
  );
  const replay = await replayed(sources);
  const other = await registryOf(builtinSources(fullWorld('-2'))).observe(promoting, {});
  const rendered = async (order: readonly number[]) => {
    const { gates, waiting } = replay();
    const registry = registryOf(waiting);
    const observing = registry.observe(promoting, {});
    for (const index of order) {
      gates[index]?.resolve();
      await Promise.resolve();
    }
    const snapshot = await observing;
    const changes = registry.changes(other, snapshot);
    return JSON.stringify([registry.baseline(snapshot), snapshot, changes]);
  };
  const expected = await rendered(sources.map((_, index) => index));
  expect(expected).toContain('src/a.ts (active)');
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(orders, async (order) => {
      seen.add(order.join());
      expect(await rendered(order)).toBe(expected);
    }),
    { numRuns: 1_000 },
  );
  expect(seen.size).toBeGreaterThan(900);
});

test('no time of day and no path of the machine but the Location’s own stands in the baseline', async () => {
  const world = fullWorld();
  const registry = registryOf(builtinSources(world));
  const snapshot = await registry.observe(promoting, {});
  const baseline = registry.baseline(snapshot);
  expect(baseline.split(world.directory)).toHaveLength(2);
  expect(baseline).not.toMatch(/\d\d:\d\d/);
  expect(Object.keys(snapshot)).toEqual(builtinSources(world).map(({ key }) => key));
});
