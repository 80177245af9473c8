import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodeSearch } from '../../node/search.ts';
import type { Search } from '../../ports/search.ts';
import { isSecretFile } from '../search/found-file.ts';
import { type ToolBench, textOf, toolBench } from '../testing/tool-bench.ts';

const none: Search = { ripgrep: () => Promise.resolve(undefined), program: () => Promise.resolve(undefined) };
const found = nodeSearch({ ripgrepCandidates: [], path: process.env['PATH'] ?? '' });
const ripgrep = await found.ripgrep('/nosuch');

/** Puts a time on a file, so that the order of results is known. */
function dated(bench: ToolBench, files: Readonly<Record<string, string>>): void {
  for (const [index, [path, content]] of Object.entries(files).entries()) {
    const at = 1_700_000_000 + index;
    utimesSync(bench.file(path, content), at, at);
  }
}

function sample(search: Search, outside = false): ToolBench {
  const bench = toolBench({ search });
  dated(bench, {
    '.gitignore': 'dist/\n*.log\n!keep.log\n/only-here.ts\n',
    'a.ts': 'const needle = 1;\nother\n',
    'only-here.ts': 'needle ignored at the top\n',
    'src/only-here.ts': 'needle not ignored below\n',
    'src/b.ts': 'let x;\r\nneedle again\r\n',
    'src/c.tsx': '  needle in tsx\n',
    'src/deep/er/d.md': '# needle\n',
    'dist/out.ts': 'needle built\n',
    'x.log': 'needle log\n',
    'keep.log': 'needle kept\n',
    '.hidden/e.ts': 'needle hidden\n',
    '.git/config': 'needle git\n',
    '.env': 'NEEDLE=needle\n',
    'src/prod.env.local': 'needle\n',
    '.env.example': 'needle=\n',
    'src/.gitignore': 'f.ts\n',
    'src/f.ts': 'needle ignored below\n',
    'vendor/.ignore': '*\n',
    'vendor/g.ts': 'needle vendored\n',
    'bin.dat': 'needle\0binary\n',
    'long.txt': `needle ${'x'.repeat(3_000)}\n`,
    '-rf': 'needle in a dashing name\n',
    'sp ace/ü.ts': 'needle in ü\n',
  });
  writeFileSync(join(bench.root, 'utf16.txt'), Buffer.from('\uFEFFneedle wide\n', 'utf16le'));
  utimesSync(join(bench.root, 'utf16.txt'), 1_600_000_000, 1_600_000_000);
  symlinkSync(bench.outside, join(bench.root, 'link'));
  if (outside) writeFileSync(join(bench.outside, 'secret.ts'), 'needle outside\n');
  return bench;
}

const calls: readonly [string, Readonly<Record<string, string>>][] = [
  ['glob', { pattern: '*.ts' }],
  ['glob', { pattern: '**/*.{ts,tsx}' }],
  ['glob', { pattern: 'src/*' }],
  ['glob', { pattern: '**/*', path: 'src' }],
  ['glob', { pattern: 'src/deep/**' }],
  ['glob', { pattern: './a.ts' }],
  ['glob', { pattern: 'nosuch*' }],
  ['glob', { pattern: '-rf' }],
  ['glob', { pattern: '!a.ts' }],
  ['grep', { pattern: 'needle' }],
  ['grep', { pattern: 'needle', path: 'src' }],
  ['grep', { pattern: 'needle', include: '*.{ts,tsx}' }],
  ['grep', { pattern: 'needle', include: 'src/**/*.ts' }],
  ['grep', { pattern: 'again$' }],
  ['grep', { pattern: '^\\s+needle' }],
  ['grep', { pattern: 'needle', path: 'src/b.ts' }],
  ['grep', { pattern: 'needle', path: '.env' }],
  ['grep', { pattern: 'nosuch' }],
  ['grep', { pattern: '--pre=./x.sh' }],
];

test.skipIf(ripgrep === undefined)(
  'ripgrep and the walker without it find the same (ripgrep is not on PATH: skipped)',
  async () => {
    const [quick, slow] = [sample(found), sample(none)];
    for (const [name, input] of calls) {
      const [one, other] = [textOf(await quick.call(name, input)), textOf(await slow.call(name, input))];
      expect(one, `${name} ${JSON.stringify(input)}`).toBe(other);
    }
  },
);

const ways = [['the walker', none], ...(ripgrep === undefined ? [] : [['ripgrep', found] as const])] as const;

for (const [way, search] of ways) {
  describe(`with ${way}`, () => {
    test('glob finds the newest first, no ignored file, nothing behind a link (TL-02)', async () => {
      const bench = sample(search, true);
      expect(textOf(await bench.call('glob', { pattern: '*.ts' }))).toBe(
        ['sp ace/ü.ts', '.hidden/e.ts', 'src/b.ts', 'src/only-here.ts', 'a.ts'].join('\n'),
      );
      expect(textOf(await bench.call('glob', { pattern: 'nosuch*' }))).toBe('No files found');
    });

    test('grep tells path, line and text, and leaves secrets out, saying so (TL-02)', async () => {
      const bench = sample(search, true);
      const text = textOf(await bench.call('grep', { pattern: 'needle', include: '*.ts' }));
      expect(text).toBe(
        [
          'Found 5 matches',
          'sp ace/ü.ts:',
          '  Line 1: needle in ü',
          '.hidden/e.ts:',
          '  Line 1: needle hidden',
          'src/b.ts:',
          '  Line 2: needle again',
          'src/only-here.ts:',
          '  Line 1: needle not ignored below',
          'a.ts:',
          '  Line 1: const needle = 1;',
        ].join('\n'),
      );
      const all = textOf(await bench.call('grep', { pattern: 'needle' }));
      expect(all).toContain('(2 files with secrets, such as .env, were left out. Use read if you must.)');
      expect(all).not.toContain('NEEDLE');
      expect(all).not.toContain('outside');
      expect(all).not.toContain('binary');
      expect(all).toContain('Line 1: needle wide');
      expect(all).toContain('.env.example:');
      expect(all).toContain(`needle ${'x'.repeat(393)}…\n`);
    });

    test('a single file is searched as it is read: its own rule is asked', async () => {
      const bench = sample(search);
      const text = textOf(await bench.call('grep', { pattern: 'needle', path: '.env' }));
      expect(text).toBe('Found 1 match\n.env:\n  Line 1: NEEDLE=needle');
      expect(bench.asked.map(({ permission, patterns }) => [permission, patterns[0]])).toEqual([
        ['grep', 'needle'],
        ['read', '.env'],
      ]);
    });

    test('results are capped, and it is said (TL-04)', async () => {
      const bench = toolBench({ search });
      for (let index = 0; index < 130; index++) bench.file(`f${index}.txt`, 'needle\n'.repeat(20));
      const globbed = textOf(await bench.call('glob', { pattern: '*.txt' })).split('\n');
      expect(globbed).toHaveLength(101);
      expect(globbed.at(-1)).toBe('(Showing the newest 100 of 130. Use a narrower pattern.)');
      const state = await bench.call('grep', { pattern: 'needle' });
      expect(textOf(state).match(/Line/g)).toHaveLength(100);
      expect(textOf(state)).toContain(
        '(Showing 100 of 2000 matches. Use a narrower pattern or path.)\n(Stopped after 2000 matches.)',
      );
      expect(state.metadata).toMatchObject({ count: 100, truncated: true });
    });

    test('a pattern that is no regular expression is a letter', async () => {
      const bench = sample(search);
      expect(textOf(await bench.call('grep', { pattern: 'a(' }))).toMatch(
        /^failed: The pattern is not valid/,
      );
      expect(textOf(await bench.call('grep', { pattern: 'a\nb' }))).toContain('has a line break');
      expect(textOf(await bench.call('grep', { pattern: '' }))).toContain('1 to 1000 characters');
    });

    test('a pattern that would hang a backtracking engine takes no time', async () => {
      const bench = toolBench({ search });
      bench.file('a.txt', `${'a'.repeat(5_000)}\n`);
      bench.file(`${'a'.repeat(200)}`, '');
      const started = performance.now();
      await bench.call('grep', { pattern: '(a+)+$b' });
      await bench.call('glob', { pattern: `${'*a'.repeat(40)}b` });
      await bench.call('glob', { pattern: `${'{a,b}'.repeat(60)}x` });
      expect(performance.now() - started).toBeLessThan(5_000);
    });

    test('a search that is interrupted settles as interrupted', async () => {
      const bench = sample(search);
      const stop = AbortSignal.abort(new Error('stop'));
      expect(await bench.call('grep', { pattern: 'needle' }, { signal: stop })).toMatchObject({
        failure: 'interrupted',
      });
    });

    test('outside the Location is asked for by folder, and a pattern does not climb (TL-05)', async () => {
      const bench = sample(search, true);
      const text = textOf(await bench.call('glob', { pattern: '*.ts', path: bench.outside }));
      expect(text).toBe(`${bench.outside}/secret.ts`);
      expect(bench.asked.map(({ permission, patterns }) => [permission, patterns[0]])).toEqual([
        ['external_directory', `${bench.outside}/*`],
        ['glob', '*.ts'],
      ]);
      expect(textOf(await bench.call('glob', { pattern: '{src,../..}/*' }))).toContain(
        'goes up (..) behind a wildcard',
      );
      expect(textOf(await bench.call('glob', { pattern: '*', path: 'a.ts' }))).toContain('is not a folder');
      expect(textOf(await bench.call('grep', { pattern: 'x', path: 'nosuch' }))).toContain('does not exist');
    });
  });
}

test('a search has a time limit, and tells what it found until then', async () => {
  const clock = {
    now: () => 0,
    monotonic: () => 0,
    // The time is over as soon as it is asked for.
    after: (_ms: number, fire: () => void) => {
      fire();
      return { [Symbol.dispose]: () => undefined };
    },
  };
  const bench = toolBench({ search: none, world: { clock } });
  bench.file('a.txt', 'needle');
  expect(textOf(await bench.call('grep', { pattern: 'needle' }))).toContain('(Stopped after 10 s');
  expect(textOf(await bench.call('glob', { pattern: '*' }))).toContain('(Stopped after 10 s');
});

test('which files a call may see can be decided by its rules', async () => {
  const bench = toolBench({ search: none, world: { mayRead: (patterns) => !patterns.includes('b.txt') } });
  dated(bench, { 'a.txt': 'needle', 'b.txt': 'needle', '.env': 'needle' });
  const text = textOf(await bench.call('grep', { pattern: 'needle' }));
  expect(text).toBe(
    'Found 2 matches\n.env:\n  Line 1: needle\na.txt:\n  Line 1: needle\n(1 file with secrets, such as .env, was left out. Use read if you must.)',
  );
});

test('files with secrets are those that the rules of read ask for', () => {
  const secret = [
    '.env',
    'a/.env',
    'prod.env',
    '.env.local',
    'a/x.env.y',
    '.ENV',
    '.env.d/key',
    'a.ENV.d/b/c.txt',
  ];
  const open = ['.env.example', 'a/.env.example', 'environment.ts', '.envrc', 'env'];
  expect(secret.filter(isSecretFile)).toEqual(secret);
  expect(open.filter(isSecretFile)).toEqual([]);
});

test('an ignore file counts up to the repository that it is in, and a nested repository has its own', async () => {
  const bench = toolBench({ search: none });
  dated(bench, { '.gitignore': 'x.ts\n', 'x.ts': '', 'sub/x.ts': '', 'sub/.git/HEAD': '', 'other/x.ts': '' });
  mkdirSync(join(bench.root, 'empty'));
  expect(textOf(await bench.call('glob', { pattern: '*.ts' }))).toBe('sub/x.ts');
});
