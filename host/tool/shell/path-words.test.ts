import { expect, test } from 'vitest';
import { pathWords } from './path-words.ts';

const cases: readonly (readonly [command: string, words: readonly string[]])[] = [
  ['ls src', []],
  ['ls /etc', ['/etc']],
  ['cat < /etc/passwd > /tmp/x', ['/etc/passwd', '/tmp/x']],
  ['cat </etc/passwd', ['/etc/passwd']],
  ['cat "/etc/pass wd"', ['/etc/pass']],
  ['ls ../..', ['../..']],
  ['ls src/../../x', ['src/../../x']],
  ['ls a..b ...', []],
  ['ls ~ ~/x $HOME/y ${HOME}', ['~', '~/x', '~/y', '~']],
  ['tar --file=/tmp/x.tar -C/opt .', ['/tmp/x.tar', '/opt']],
  ['make 2>/dev/null >/dev/fd/3', []],
  ['/usr/bin/git status && /bin/ls; (/usr/local/bin/x)', []],
  ['xargs /bin/rm', ['/bin/rm']],
  ['curl https://example.test/etc/passwd', []],
  ['curl file:///etc/passwd', ['///etc/passwd']],
  ['ls {/etc,/root}', ['/etc', '/root']],
  ['echo $(cat /etc/passwd) `ls /root`', ['/etc/passwd', '/root']],
  ['cd /a&&cd /b;cd /c|cd /d', ['/a', '/b', '/c', '/d']],
  ['git -C /etc status', ['/etc']],
  ["sed -n 's/a/b/p' x", []],
  ['scp x host:/srv', ['/srv']],
];

test('words of a command that may leave the folder are found by their letters', () => {
  for (const [command, words] of cases) expect(pathWords(command), command).toEqual(words);
});

test('a long command is scanned in good time', () => {
  const started = performance.now();
  for (const piece of ['a/', '../', '=', 'a'.repeat(50), '/x ', '~'])
    pathWords(piece.repeat(100_000 / piece.length));
  expect(performance.now() - started).toBeLessThan(2_000);
});
