import { execFileSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Documents } from '../../ports/documents.ts';
import { textOf, toolBench } from '../testing/tool-bench.ts';

const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join('');

test('a file is shown with numbered lines in its frame (TL-16)', async () => {
  const { call, file } = toolBench();
  const path = file('a.txt', 'one\n\nthree\n');
  expect(textOf(await call('read', { filePath: 'a.txt' }))).toBe(
    `<path>${path}</path>\n<type>file</type>\n<content>\n1: one\n2: \n3: three\n\n(End of file - total 3 lines)\n</content>`,
  );
});

test('offset and limit choose the lines, and the note says how to go on (TL-16)', async () => {
  const { call, file } = toolBench();
  file('a.txt', numbered(5_000));
  const part = textOf(await call('read', { filePath: 'a.txt', offset: 10, limit: 2 }));
  expect(part).toContain(
    '\n10: line 10\n11: line 11\n\n(Showing lines 10-11 of 5000. Use offset=12 to continue.)',
  );
  const first = textOf(await call('read', { filePath: 'a.txt' }));
  expect(first).toContain(
    '\n2000: line 2000\n\n(Showing lines 1-2000 of 5000. Use offset=2001 to continue.)',
  );
  expect(textOf(await call('read', { filePath: 'a.txt', offset: 4_999 }))).toContain(
    '(End of file - total 5000 lines)',
  );
  expect(textOf(await call('read', { filePath: 'a.txt', offset: 5_001 }))).toBe(
    'failed: Line 5001 is behind the end: a.txt has 5000 lines.',
  );
});

test('long lines and long outputs are cut, and the cut output is not cut again (TL-04, TL-16)', async () => {
  const { call, file } = toolBench();
  file('long.txt', `${'x'.repeat(9_000)}\nshort\n`);
  expect(textOf(await call('read', { filePath: 'long.txt' }))).toContain(
    `1: ${'x'.repeat(2_000)}… (line cut at 2000 characters)\n2: short`,
  );
  file('much.txt', `${'y'.repeat(99)}\n`.repeat(1_999));
  const state = await call('read', { filePath: 'much.txt' });
  expect(textOf(state)).toMatch(
    /\(Output capped at 50 KB\. Showing lines 1-\d+ of 1999\. Use offset=\d+ to continue\.\)/,
  );
  expect(Buffer.byteLength(textOf(state))).toBeLessThan(51_200 + 2_048);
  expect(state.metadata).not.toHaveProperty('truncated');
});

test('an empty file, a last line without an end and CRLF are read as they are', async () => {
  const { call, file } = toolBench();
  file('empty.txt', '');
  file('crlf.txt', 'a\r\nb');
  expect(textOf(await call('read', { filePath: 'empty.txt' }))).toContain('(End of file - total 0 lines)');
  expect(textOf(await call('read', { filePath: 'crlf.txt' }))).toContain(
    '\n1: a\n2: b\n\n(End of file - total 2 lines)',
  );
});

test('UTF-16 and byte order marks are read as text, other bytes are refused (TL-16)', async () => {
  const { call, file } = toolBench();
  file('le.txt', Buffer.from('\uFEFFgrüß\n', 'utf16le'));
  file('be.txt', Buffer.from('\uFEFFgrüß\n', 'utf16le').swap16());
  file('bom.txt', '\uFEFFgrüß\n');
  file('latin1.txt', Buffer.from('gr\xfc\xdf\n', 'latin1'));
  file('image.png', Buffer.from([0x89, 0x50, 0, 1, 2]));
  for (const name of ['le.txt', 'be.txt', 'bom.txt']) {
    expect(textOf(await call('read', { filePath: name }))).toContain('\n1: grüß\n');
  }
  expect(textOf(await call('read', { filePath: 'latin1.txt' }))).toContain('1: gr\uFFFD\uFFFD');
  expect(textOf(await call('read', { filePath: 'image.png' }))).toMatch(
    /^failed: image\.png is a binary file \(5 bytes\)/,
  );
});

test('a directory is listed by name', async () => {
  const { call, file, root, outside } = toolBench();
  file('src/b.ts', '');
  file('src/a.ts', '');
  mkdirSync(join(root, 'src', 'c'));
  symlinkSync(outside, join(root, 'src', 'd'));
  expect(textOf(await call('read', { filePath: 'src' }))).toBe(
    `<path>${root}/src</path>\n<type>directory</type>\n<content>\na.ts\nb.ts\nc/\nd@\n\n(4 entries)\n</content>`,
  );
  expect(textOf(await call('read', { filePath: 'src', offset: 2, limit: 1 }))).toContain(
    '\nb.ts\n\n(Showing 2-2 of 4 entries. Use offset=3',
  );
});

test('a missing file names the ones most like it (TL-16)', async () => {
  const { call, file } = toolBench();
  file('src/greeting.ts', '');
  file('src/other.ts', '');
  expect(textOf(await call('read', { filePath: 'src/greting.ts' }))).toBe(
    'failed: src/greting.ts does not exist. Did you mean src/greeting.ts?',
  );
  expect(textOf(await call('read', { filePath: 'nosuch/x.ts' }))).toContain('Find it with glob.');
});

test('a huge file is read by its window, quickly and in little memory', async () => {
  const { call, root } = toolBench();
  const handle = openSync(join(root, 'huge.log'), 'w');
  writeSync(handle, `${'first line\n'.repeat(1_000)}`);
  ftruncateSync(handle, 5 * 1024 ** 3);
  closeSync(handle);
  writeFileSync(join(root, 'line.txt'), Buffer.alloc(200 * 1024 * 1024, 'x'));
  await call('read', { filePath: '.' });
  const before = process.memoryUsage().rss;
  const started = process.cpuUsage();
  const huge = textOf(await call('read', { filePath: 'huge.log', limit: 10 }));
  const line = textOf(await call('read', { filePath: 'line.txt' }));
  const { user, system } = process.cpuUsage(started);
  expect(huge).toContain('10: first line\n\n(Showing lines 1-10. Use offset=11 to continue.)');
  expect(line).toContain('… (line cut at 2000 characters)');
  expect(line).toContain('The file goes on without a line end in sight.');
  // Of the processor, in microseconds: what else runs on the machine does not count.
  expect(user + system).toBeLessThan(1_000_000);
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
});

test('a file full of zeros is binary, whatever its size', async () => {
  const { call, root } = toolBench();
  const handle = openSync(join(root, 'zeros'), 'w');
  ftruncateSync(handle, 5 * 1024 ** 3);
  closeSync(handle);
  expect(textOf(await call('read', { filePath: 'zeros' }))).toContain('is a binary file');
});

test('a FIFO is refused, and nothing waits for it', async () => {
  const { call, root } = toolBench();
  execFileSync('mkfifo', [join(root, 'pipe')]);
  expect(textOf(await call('read', { filePath: 'pipe' }))).toContain('it is a FIFO, a socket or a device');
});

test('unsaved text in the editor is what is read, and it is said', async () => {
  const documents: Documents = {
    find: () => Promise.resolve({ text: 'from the editor\n', dirty: true }),
    replace: () => Promise.resolve({ type: 'not-open' }),
  };
  const { call, file } = toolBench({ world: { documents } });
  file('a.txt', 'from the disk\n');
  const text = textOf(await call('read', { filePath: 'a.txt' }));
  expect(text).toContain('1: from the editor');
  expect(text).toContain('not saved yet');
});

test('what a read needs is the path as rules have it, and outside the Location its folder too (TL-05)', async () => {
  const { call, file, asked, outside, root } = toolBench();
  file('src/.env', 'KEY=1');
  writeFileSync(join(outside, 'x.txt'), 'out');
  symlinkSync(join(root, 'src', '.env'), join(root, 'harmless.txt'));
  await call('read', { filePath: 'harmless.txt' });
  await call('read', { filePath: `${outside}/x.txt` });
  expect(asked.map(({ permission, patterns }) => [permission, ...patterns])).toEqual([
    ['read', 'src/.env'],
    ['external_directory', `${outside}/*`],
    ['read', `${outside}/x.txt`],
  ]);
});

test('a path that leads elsewhere after it was allowed is not read (TL-05)', async () => {
  const bench = toolBench({
    answer: async () => {
      execFileSync('ln', ['-sfn', join(bench.outside, 'secret.txt'), join(bench.root, 'a.txt')]);
      return { type: 'allowed' };
    },
  });
  bench.file('a.txt', 'mine');
  writeFileSync(join(bench.outside, 'secret.txt'), 'TOP SECRET');
  const text = textOf(await bench.call('read', { filePath: 'a.txt' }));
  expect(text).toContain('leads elsewhere now');
  expect(text).not.toContain('SECRET');
});

test('Always is not offered where a name would be read as a wildcard', async () => {
  const { call, file, asked, outside } = toolBench();
  file('*', 'x');
  file('a?.ts', 'x');
  mkdirSync(`${outside}/*`);
  await call('read', { filePath: '*' });
  await call('edit', { filePath: '*', oldString: 'x', newString: 'y' });
  await call('grep', { pattern: '*x', path: 'a?.ts' });
  await call('glob', { pattern: '*' });
  await call('read', { filePath: `${outside}/*` });
  await call('read', { filePath: '/' });
  const offered = asked.map(({ permission, always }) => [permission, always]);
  expect(offered.filter(([permission]) => permission !== 'read')).toEqual([
    ['edit', []],
    ['grep', []],
    ['glob', []],
    ['external_directory', []],
    ['external_directory', []],
  ]);
  expect(asked.filter(({ patterns }) => patterns[0] !== '/').flatMap(({ always }) => always)).toEqual([]);
});

test('a folder outside is left to by itself, not by its parent', async () => {
  const { call, asked, outside } = toolBench();
  await call('read', { filePath: outside });
  expect(asked[0]).toMatchObject({ patterns: [`${outside}/*`], always: [`${outside}/*`] });
});

test('a file with secrets is asked for by its name in lower case too', async () => {
  const { call, file, asked } = toolBench();
  file('.ENV', 'x');
  await call('read', { filePath: '.ENV' });
  expect(asked[0]?.patterns).toEqual(['.ENV', '.env']);
});
