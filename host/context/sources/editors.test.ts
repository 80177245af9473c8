import { expect, test } from 'vitest';
import type { OpenEditor } from '../../ports/workspace-view.ts';
import { promoting, scriptedView } from '../testing/source-world.ts';
import { editorsSource } from './editors.ts';

async function told(editors: readonly OpenEditor[]): Promise<string | undefined> {
  const source = editorsSource({ directory: '/w', workspaceView: scriptedView({ editors }) });
  return source.read(await source.observe(promoting))?.baseline();
}

const open = (path: string, active = false): OpenEditor => ({ path, active });

test('open editors are told sorted, with the active one marked', async () => {
  const editors = [open('src/b.ts', true), open('README.md'), open('src/a.ts')];
  const text = 'Open in the editor:\n- README.md\n- src/a.ts\n- src/b.ts (active)';
  expect(await told(editors)).toBe(text);
  expect(await told(editors.toReversed())).toBe(text);
  expect(await told([open('b'), open('a', true)])).toBe('Open in the editor:\n- a (active)\n- b');
});

test('at most 20 are told, the active one among them, and how many more there are', async () => {
  const editors = Array.from({ length: 30 }, (_, at) => open(`f${String(at).padStart(2, '0')}`, at === 29));
  const lines = (await told(editors))?.split('\n') ?? [];
  expect(lines.slice(1, 3)).toEqual(['- f00', '- f01']);
  expect(lines.slice(-2)).toEqual(['- f29 (active)', '(and 10 more)']);
  expect(lines).toHaveLength(22);
});

test('without open editors there is nothing to tell, and a name stays one line', async () => {
  expect(await told([])).toBeUndefined();
  expect(await told([open('a\n- b (active)\u2028c')])).toBe('Open in the editor:\n- a - b (active) c');
});
