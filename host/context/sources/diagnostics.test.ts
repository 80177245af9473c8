import { expect, test } from 'vitest';
import type { FileDiagnostics } from '../../ports/workspace-view.ts';
import { promoting, scriptedView } from '../testing/source-world.ts';
import { diagnosticsSource } from './diagnostics.ts';

async function told(diagnostics: readonly FileDiagnostics[]): Promise<string | undefined> {
  const source = diagnosticsSource({ directory: '/w', workspaceView: scriptedView({ diagnostics }) });
  return source.read(await source.observe(promoting))?.baseline();
}

const file = (path: string, errors: number, warnings: number) => ({ path, errors, warnings });

test('errors and warnings are counted by file, the worst first', async () => {
  const seen = [file('c', 0, 3), file('b', 1, 0), file('a', 1, 0), file('d', 2, 1), file('e', 0, 0)];
  const text =
    'Problems that the editor shows:\n- d: 2 errors, 1 warning\n- a: 1 error\n- b: 1 error\n- c: 3 warnings';
  expect(await told(seen)).toBe(text);
  expect(await told(seen.toReversed())).toBe(text);
});

test('at most 10 files are told, and how many more there are', async () => {
  const lines = (await told(Array.from({ length: 11 }, (_, at) => file(`f${at}`, at + 1, 0))))?.split('\n');
  expect(lines).toHaveLength(12);
  expect(lines?.at(-1)).toBe('(and in 1 more file)');
  expect(lines).not.toContain('- f0: 1 error');
});

test('without problems there is nothing to tell', async () => {
  expect(await told([file('a', 0, 0)])).toBeUndefined();
});
