import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DocumentEdit, Documents } from '../../ports/documents.ts';
import { sessionID, type ToolBench, textOf, toolBench } from '../testing/tool-bench.ts';

const source = 'export function greet() {\n  return "hi";\n}\n';

async function readThen(bench: ToolBench, name: string, content: string | Uint8Array): Promise<string> {
  const path = bench.file(name, content);
  await bench.call('read', { filePath: name });
  return path;
}

describe('an edit', () => {
  test('replaces one exact text and shows the change (TL-16)', async () => {
    const bench = toolBench();
    const path = await readThen(bench, 'src/a.ts', source);
    const state = await bench.call('edit', {
      filePath: 'src/a.ts',
      oldString: 'greet',
      newString: 'welcome',
    });
    const diff =
      '--- a/src/a.ts\n+++ b/src/a.ts\n@@ -1,3 +1,3 @@\n-export function greet() {\n+export function welcome() {\n   return "hi";\n }\n';
    expect(state).toMatchObject({
      status: 'completed',
      title: 'src/a.ts',
      metadata: { filePath: path, diff, additions: 1, deletions: 1 },
    });
    expect(readFileSync(path, 'utf8')).toBe(source.replace('greet', 'welcome'));
    expect(bench.asked.at(-1)).toEqual({
      permission: 'edit',
      patterns: ['src/a.ts'],
      always: ['src/a.ts'],
      subject: { type: 'edit', filePath: path, diff, additions: 1, deletions: 1 },
    });
  });

  test('needs a read of what stands there now, and its own change counts as read (TL-16)', async () => {
    const bench = toolBench();
    const path = bench.file('a.ts', source);
    const edit = () => bench.call('edit', { filePath: 'a.ts', oldString: 'greet', newString: 'welcome' });
    expect(textOf(await edit())).toBe(
      'failed: a.ts has not been read in this session. Read it first, then try again.',
    );
    expect(bench.asked).toEqual([]);
    await bench.call('read', { filePath: 'a.ts' });
    writeFileSync(path, `// changed\n${source}`);
    expect(textOf(await edit())).toContain('a.ts has changed since you read it');
    await bench.call('read', { filePath: 'a.ts' });
    expect(textOf(await edit())).toContain('Edited a.ts');
    const again = await bench.call('edit', { filePath: 'a.ts', oldString: 'welcome', newString: 'hello' });
    expect(textOf(again)).toContain('Edited a.ts');
    bench.world.ledger.forget(sessionID);
    const late = await bench.call('edit', { filePath: 'a.ts', oldString: 'hello', newString: 'x' });
    expect(textOf(late)).toContain('has not been read');
  });

  test('a file that was touched but holds the same content needs no new read', async () => {
    const bench = toolBench();
    const path = await readThen(bench, 'a.ts', source);
    writeFileSync(path, source);
    expect(
      textOf(await bench.call('edit', { filePath: 'a.ts', oldString: 'greet', newString: 'x' })),
    ).toContain('Edited');
  });

  test('never guesses between several places (TL-16)', async () => {
    const bench = toolBench();
    const path = await readThen(bench, 'a.txt', 'x\ny\nx\nx\n');
    const state = await bench.call('edit', { filePath: 'a.txt', oldString: 'x', newString: 'z' });
    expect(textOf(state)).toContain('oldString stands 3 times in a.txt (lines 1, 3, 4)');
    expect(readFileSync(path, 'utf8')).toBe('x\ny\nx\nx\n');
    await bench.call('edit', { filePath: 'a.txt', oldString: 'x', newString: 'z', replaceAll: true });
    expect(readFileSync(path, 'utf8')).toBe('z\ny\nz\nz\n');
  });

  test('places that overlap are several places (TL-16)', async () => {
    const bench = toolBench();
    await readThen(bench, 'a.txt', 'aaa\n');
    expect(
      textOf(await bench.call('edit', { filePath: 'a.txt', oldString: 'aa', newString: 'b' })),
    ).toContain('2 times');
  });

  test('a text that is not there names the nearest lines (TL-16)', async () => {
    const bench = toolBench();
    await readThen(bench, 'a.ts', source);
    const text = textOf(
      await bench.call('edit', { filePath: 'a.ts', oldString: '    return "hi";', newString: 'x' }),
    );
    expect(text).toContain('2:   return "hi"; (differs in white space)');
    expect(
      textOf(await bench.call('edit', { filePath: 'a.ts', oldString: 'qqqqq', newString: 'x' })),
    ).toContain('Read the file again');
  });

  test('what cannot be an edit is refused before anybody is asked', async () => {
    const bench = toolBench();
    await readThen(bench, 'a.ts', source);
    const letters = [
      [{ filePath: 'a.ts', oldString: '', newString: 'x' }, 'oldString is empty'],
      [{ filePath: 'a.ts', oldString: 'greet', newString: 'greet' }, 'are the same'],
      [{ filePath: 'a.ts', oldString: 'a\r\nb', newString: 'a\nb' }, 'are the same'],
      [{ filePath: 'a.ts', oldString: 'greet', newString: '\uD800' }, 'half a surrogate pair'],
      [{ filePath: 'b.ts', oldString: 'greet', newString: 'x' }, 'Did you mean a.ts?'],
      [{ filePath: '.', oldString: 'greet', newString: 'x' }, 'is a directory'],
    ] as const;
    const asked = bench.asked.length;
    for (const [input, letter] of letters) expect(textOf(await bench.call('edit', input))).toContain(letter);
    expect(bench.asked).toHaveLength(asked);
  });

  test('keeps byte order mark, encoding, line ends, missing last newline and mode (TL-16)', async () => {
    const bench = toolBench();
    const cases: readonly [Uint8Array, Uint8Array][] = [
      [Buffer.from('\uFEFFa\r\nold\r\nb'), Buffer.from('\uFEFFa\r\nnew\r\nline\r\nb')],
      [Buffer.from('\uFEFFa\nold\nb\n', 'utf16le'), Buffer.from('\uFEFFa\nnew\nline\nb\n', 'utf16le')],
      [Buffer.from('\uFEFFold', 'utf16le').swap16(), Buffer.from('\uFEFFnew\nline', 'utf16le').swap16()],
    ];
    for (const [index, [before, after]] of cases.entries()) {
      const path = await readThen(bench, `f${index}.txt`, before);
      chmodSync(path, 0o754);
      const state = await bench.call('edit', {
        filePath: `f${index}.txt`,
        oldString: 'old',
        newString: 'new\nline',
      });
      expect(textOf(state)).toContain('Edited');
      expect(readFileSync(path)).toEqual(after);
      expect(statSync(path).mode & 0o777).toBe(0o754);
    }
  });

  test('what would not come back byte for byte, and what is read-only, is not edited', async () => {
    const bench = toolBench();
    await readThen(bench, 'latin1.txt', Buffer.from('gr\xfc\xdf old', 'latin1'));
    await readThen(bench, 'locked.txt', 'old');
    chmodSync(join(bench.root, 'locked.txt'), 0o444);
    const edit = (filePath: string) => bench.call('edit', { filePath, oldString: 'old', newString: 'new' });
    expect(textOf(await edit('latin1.txt'))).toContain('not valid UTF-8');
    expect(textOf(await edit('locked.txt'))).toContain('locked.txt is read-only (mode 444)');
  });

  test('a large file is edited in good time (TL-16)', async () => {
    const bench = toolBench();
    const line = 'some text that goes on for a while, as lines do\n';
    const content = `${line.repeat(500_000)}unique\n${line.repeat(500_000)}`;
    const path = await readThen(bench, 'big.txt', content);
    const state = await bench.call('edit', {
      filePath: 'big.txt',
      oldString: 'unique',
      newString: 'special',
    });
    expect(state.metadata).toMatchObject({ additions: 1, deletions: 1 });
    expect(state.metadata?.diff).toContain('@@ -499998,7 +499998,7 @@');
    expect(readFileSync(path, 'utf8')).toBe(content.replace('unique', 'special'));
  }, 30_000);

  test('two edits of one turn on a file both land, in their order (TL-18)', async () => {
    const bench = toolBench();
    const path = await readThen(bench, 'a.txt', 'one two\n');
    const states = await Promise.all([
      bench.call('edit', { filePath: 'a.txt', oldString: 'one', newString: '1' }),
      bench.call('edit', { filePath: './a.txt', oldString: '1 two', newString: '1 2' }),
    ]);
    expect(states.map(({ status }) => status)).toEqual(['completed', 'completed']);
    expect(readFileSync(path, 'utf8')).toBe('1 2\n');
  });
});

describe('a write', () => {
  test('creates a file with its folders and needs no read (TL-16)', async () => {
    const bench = toolBench();
    const state = await bench.call('write', { filePath: 'a/b/c.txt', content: 'new\n' });
    expect(textOf(state)).toBe('Created a/b/c.txt: 1 lines added, 0 removed.');
    expect(readFileSync(join(bench.root, 'a/b/c.txt'), 'utf8')).toBe('new\n');
    expect(readdirSync(join(bench.root, 'a/b'))).toEqual(['c.txt']);
  });

  test('over a file needs a read and keeps its line ends, mark and encoding (TL-16)', async () => {
    const bench = toolBench();
    const path = bench.file('a.txt', Buffer.from('\uFEFFa\r\nb\r\n', 'utf16le'));
    const write = () => bench.call('write', { filePath: 'a.txt', content: 'x\ny\n' });
    expect(textOf(await write())).toContain('has not been read');
    await bench.call('read', { filePath: 'a.txt' });
    expect(textOf(await write())).toContain('Wrote a.txt');
    expect(readFileSync(path)).toEqual(Buffer.from('\uFEFFx\r\ny\r\n', 'utf16le'));
  });

  test('through a dangling link that leads outside asks for outside (TL-05)', async () => {
    const bench = toolBench({
      answer: ({ permission }) =>
        Promise.resolve(permission === 'external_directory' ? { type: 'denied' } : { type: 'allowed' }),
    });
    symlinkSync(join(bench.outside, 'x'), join(bench.root, 'link'));
    expect(await bench.call('write', { filePath: 'link', content: 'x' })).toMatchObject({
      failure: 'denied',
    });
    expect(readdirSync(bench.outside)).toEqual([]);
  });
});

describe('a file that was not read', () => {
  const guess = { oldString: 'SECRET=x', newString: 'y' };
  const unread = (path: string) =>
    `failed: ${path} has not been read in this session. Read it first, then try again.`;

  test('is not told of by the letter of a failed or ambiguous edit', async () => {
    const bench = toolBench();
    bench.file('.env', 'SECRET=hunter2\nA=1\nA=1\n');
    expect(textOf(await bench.call('edit', { filePath: '.env', ...guess }))).toBe(unread('.env'));
    const twice = { filePath: '.env', oldString: 'A=1', newString: 'A=2' };
    expect(textOf(await bench.call('edit', twice))).toBe(unread('.env'));
    expect(bench.asked).toEqual([]);
  });

  test('shows neither kind nor size outside the folder', async () => {
    const bench = toolBench();
    const path = join(bench.outside, 'x.bin');
    writeFileSync(path, Buffer.from([0, 1, 2]));
    chmodSync(path, 0o444);
    for (const filePath of [path, bench.outside]) {
      expect(textOf(await bench.call('edit', { filePath, ...guess }))).toBe(unread(filePath));
      expect(textOf(await bench.call('write', { filePath, content: '' }))).toBe(unread(filePath));
    }
  });

  test('is not told of when an approved edit no longer fits', async () => {
    const bench = toolBench();
    const filePath = bench.file('a.txt', 'SECRET=hunter2\n');
    const approved = { type: 'edit', filePath, diff: '', additions: 1, deletions: 1 } as const;
    const text = textOf(await bench.call('edit', { filePath: 'a.txt', ...guess }, { approved }));
    expect(text).toContain('a.txt has changed since this change was shown to the user');
    expect(text).not.toContain('hunter2');
  });
});

test('a write outside the folder carries a floor and offers no Always', async () => {
  const bench = toolBench();
  await bench.call('write', { filePath: `${bench.outside}/x.txt`, content: 'x' });
  await bench.call('write', { filePath: `${bench.outside}/.vscode/tasks.json`, content: 'x' });
  expect(bench.asked.map(({ permission, floor, always }) => [permission, floor, always])).toEqual([
    ['external_directory', undefined, []],
    ['edit', 'outside the folder', []],
    ['external_directory', undefined, []],
    ['edit', '.vscode', []],
  ]);
});

describe('what is protected', () => {
  test('carries a floor and offers no Always, whether it exists or not', async () => {
    const bench = toolBench();
    bench.file('.git/config', '[core]\n');
    mkdirSync(join(bench.root, 'sub'));
    linkSync(bench.file('one.txt', 'x'), join(bench.root, 'two.txt'));
    await bench.call('read', { filePath: 'two.txt' });
    for (const filePath of [
      '.vscode/settings.json',
      'opencode.json',
      'sub/.git/hooks/x',
      '.OPENCODE/agent/a.md',
    ]) {
      await bench.call('write', { filePath, content: '{}' });
    }
    await bench.call('edit', { filePath: 'two.txt', oldString: 'x', newString: 'y' });
    expect(
      bench.asked
        .filter(({ permission }) => permission === 'edit')
        .map(({ floor, always }) => [floor, always]),
    ).toEqual([
      ['.vscode', []],
      ['opencode.json', []],
      ['.git', []],
      ['.OPENCODE', []],
      ['a file with several names (hard links)', []],
    ]);
    expect(readFileSync(join(bench.root, 'one.txt'), 'utf8')).toBe('x');
  });
});

describe('between the answer and the change', () => {
  function changedWhileAsking(change: (bench: ToolBench) => void): ToolBench {
    const bench = toolBench({
      answer: ({ permission }) => {
        if (permission === 'edit') change(bench);
        return Promise.resolve({ type: 'allowed' });
      },
    });
    return bench;
  }

  test('a change of what the user saw stops the edit', async () => {
    const bench = changedWhileAsking(({ root }) =>
      writeFileSync(join(root, 'a.ts'), source.replace('hi', 'hello')),
    );
    await readThen(bench, 'a.ts', source);
    const state = await bench.call('edit', { filePath: 'a.ts', oldString: 'greet', newString: 'x' });
    expect(textOf(state)).toContain('a.ts has changed since this change was allowed');
    expect(readFileSync(join(bench.root, 'a.ts'), 'utf8')).toBe(source.replace('hi', 'hello'));
  });

  test('a change elsewhere in the file is kept', async () => {
    const rest = `${'\n'.repeat(20)}end\n`;
    const bench = changedWhileAsking(({ root }) =>
      writeFileSync(join(root, 'a.ts'), `${source}${rest}// more\n`),
    );
    await readThen(bench, 'a.ts', `${source}${rest}`);
    await bench.call('edit', { filePath: 'a.ts', oldString: 'greet', newString: 'x' });
    expect(readFileSync(join(bench.root, 'a.ts'), 'utf8')).toBe(
      `${source.replace('greet', 'x')}${rest}// more\n`,
    );
  });

  test('a file that came into being is not overwritten by one that was to be new', async () => {
    const bench = changedWhileAsking(({ root }) => writeFileSync(join(root, 'new.txt'), 'theirs'));
    const state = await bench.call('write', { filePath: 'new.txt', content: 'mine' });
    expect(textOf(state)).toContain('has changed since this change was allowed');
    expect(readFileSync(join(bench.root, 'new.txt'), 'utf8')).toBe('theirs');
  });
});

describe('a call that is taken up again after a restart', () => {
  test('needs no read when it comes to the change that the user saw, and fails otherwise', async () => {
    const bench = toolBench();
    const path = bench.file('a.ts', source);
    await bench.call('read', { filePath: 'a.ts' });
    const input = { filePath: 'a.ts', oldString: 'greet', newString: 'welcome' };
    const diff =
      '--- a/a.ts\n+++ b/a.ts\n@@ -1,3 +1,3 @@\n-export function greet() {\n+export function welcome() {\n   return "hi";\n }\n';
    const approved = { type: 'edit', filePath: path, diff, additions: 1, deletions: 1 } as const;
    bench.world.ledger.forget(sessionID);
    const other = await bench.call('edit', input, {
      approved: { ...approved, diff: diff.replace('hi', 'ho') },
    });
    expect(textOf(other)).toContain('has changed since this change was shown to the user');
    expect(textOf(await bench.call('edit', input, { approved }))).toContain('Edited a.ts');
    expect(readFileSync(path, 'utf8')).toContain('welcome');
  });
});

describe('a file that is open in the editor', () => {
  /** An editor that holds one document; `after` is what its formatter makes of a text. */
  function editor(open: { text: string; dirty: boolean }, format = (text: string) => text) {
    const replaced: string[] = [];
    const documents: Documents = {
      find: () => Promise.resolve(open),
      replace: (_path, { expected, text }): Promise<DocumentEdit> => {
        if (open.text !== expected) return Promise.resolve({ type: 'changed' });
        replaced.push(text);
        open.text = format(text);
        return Promise.resolve({ type: 'applied', text: open.text, saved: !open.dirty });
      },
    };
    return { documents, replaced };
  }

  test('is edited through the document when it equals the file', async () => {
    const { documents, replaced } = editor({ text: source, dirty: false });
    const bench = toolBench({ world: { documents } });
    const path = await readThen(bench, 'a.ts', source);
    await bench.call('edit', { filePath: 'a.ts', oldString: 'greet', newString: 'x' });
    expect(replaced).toEqual([source.replace('greet', 'x')]);
    expect(readFileSync(path, 'utf8')).toBe(source);
  });

  test('is edited on the disk when the document does not equal the file', async () => {
    const { documents, replaced } = editor({ text: 'an older text', dirty: false });
    const bench = toolBench({ world: { documents } });
    const path = await readThen(bench, 'a.ts', source);
    await bench.call('edit', { filePath: 'a.ts', oldString: 'greet', newString: 'x' });
    expect(replaced).toEqual([]);
    expect(readFileSync(path, 'utf8')).toBe(source.replace('greet', 'x'));
  });

  test('with unsaved text is edited there, not saved, and the model is told', async () => {
    const { documents, replaced } = editor({ text: `// typing\n${source}`, dirty: true });
    const bench = toolBench({ world: { documents } });
    const path = await readThen(bench, 'a.ts', source);
    const text = textOf(await bench.call('edit', { filePath: 'a.ts', oldString: 'greet', newString: 'x' }));
    expect(text).toContain('not yet on the disk');
    expect(replaced).toEqual([`// typing\n${source.replace('greet', 'x')}`]);
    expect(readFileSync(path, 'utf8')).toBe(source);
  });

  test('what a formatter made of it is told, and the next edit starts from there', async () => {
    const { documents } = editor({ text: source, dirty: true }, (text) => text.replaceAll('"', "'"));
    const bench = toolBench({ world: { documents } });
    await readThen(bench, 'a.ts', source);
    const text = textOf(await bench.call('edit', { filePath: 'a.ts', oldString: 'greet', newString: 'x' }));
    expect(text).toContain('-  return "hi";\n+  return \'hi\';');
    expect(
      textOf(await bench.call('edit', { filePath: 'a.ts', oldString: "'hi'", newString: '1' })),
    ).toContain('Edited');
  });

  test('that changes under the edit is left alone', async () => {
    const { documents } = editor({ text: source, dirty: true });
    const racing: Documents = { ...documents, replace: () => Promise.resolve({ type: 'changed' }) };
    const bench = toolBench({ world: { documents: racing } });
    await readThen(bench, 'a.ts', source);
    const text = textOf(await bench.call('edit', { filePath: 'a.ts', oldString: 'greet', newString: 'x' }));
    expect(text).toContain('has changed in the editor a moment ago');
  });
});
