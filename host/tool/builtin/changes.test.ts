import { chmodSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Documents } from '../../ports/documents.ts';
import type { FileState } from '../../snapshot/file-state.ts';
import { type ToolBench, toolBench } from '../testing/tool-bench.ts';

// What tools tell of the files they change, so that there is a way back (RT-21).

async function contentOf(bench: ToolBench, state: FileState | undefined): Promise<string | undefined> {
  if (state?.type !== 'content') return state?.type;
  const bytes = await bench.kept.read(state.hash);
  return bytes && new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

test('an edit tells what stood there and what stands there now, byte for byte and with its mode (RT-21)', async () => {
  const bench = toolBench();
  const path = bench.file('a.txt', '\uFEFFone\r\ntwo\r\n');
  chmodSync(path, 0o640);
  await bench.call('read', { filePath: 'a.txt' });
  await bench.call('edit', { filePath: 'a.txt', oldString: 'one', newString: 'three' });
  const [change] = bench.changes;
  expect(bench.changes).toHaveLength(1);
  expect(change).toMatchObject({ path, before: { mode: 0o640 }, after: { mode: 0o640 } });
  expect(await contentOf(bench, change?.before)).toBe('\uFEFFone\r\ntwo\r\n');
  expect(await contentOf(bench, change?.after)).toBe('\uFEFFthree\r\ntwo\r\n');
});

test('a new file was absent before (RT-21)', async () => {
  const bench = toolBench();
  await bench.call('write', { filePath: 'sub/new.txt', content: 'new' });
  const [change] = bench.changes;
  expect(change?.before).toEqual({ type: 'absent' });
  expect(await contentOf(bench, change?.after)).toBe('new');
});

test('a call that changed nothing tells nothing (RT-21)', async () => {
  const bench = toolBench();
  const path = bench.file('a.txt', 'one');
  await bench.call('read', { filePath: 'a.txt' });
  writeFileSync(path, 'changed meanwhile');
  await bench.call('edit', { filePath: 'a.txt', oldString: 'one', newString: 'two' });
  await bench.call('edit', { filePath: 'b.txt', oldString: 'one', newString: 'two' });
  expect(bench.changes).toEqual([]);
});

test('of a file that is open with unsaved text, that text is what stood there (RT-21)', async () => {
  let text = 'one, unsaved';
  const documents: Documents = {
    find: () => Promise.resolve({ text, dirty: true }),
    replace: (_, change) => {
      text = change.text;
      return Promise.resolve({ type: 'applied', text, saved: false });
    },
  };
  const bench = toolBench({ world: { documents } });
  bench.file('a.txt', 'one');
  await bench.call('read', { filePath: 'a.txt' });
  await bench.call('edit', { filePath: 'a.txt', oldString: 'one', newString: 'two' });
  const [change] = bench.changes;
  expect(await contentOf(bench, change?.before)).toBe('one, unsaved');
  expect(await contentOf(bench, change?.after)).toBe('two, unsaved');
});

test('a content that cannot be kept does not keep an edit from being done (RT-21, TL-07)', async () => {
  const kept = { keep: () => Promise.resolve({ type: 'unknown' as const }) };
  const bench = toolBench({ world: { kept } });
  bench.file('a.txt', 'one');
  await bench.call('read', { filePath: 'a.txt' });
  const state = await bench.call('edit', { filePath: 'a.txt', oldString: 'one', newString: 'two' });
  expect(state.status).toBe('completed');
  expect(bench.changes).toMatchObject([{ before: { type: 'unknown' }, after: { type: 'unknown' } }]);
});
