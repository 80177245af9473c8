import { expect, test } from 'vitest';
import { comparableRemote, remoteIn } from './remote-url.ts';

test.for([
  ['https://example.com/a/b.git', 'example.com/a/b'],
  ['https://me:ghp_secret@Example.com:443/a/b', 'example.com/a/b'],
  ['https://me@host:secret@example.com/a/b?token=secret#x', 'example.com/a/b'],
  ['ssh://git@example.com:2222/a/b.git/', 'example.com/a/b'],
  ['git@example.com:a/b.git', 'example.com/a/b'],
  ['example.com:/a/b', 'example.com/a/b'],
  ['file:///srv/git/b.git', '/srv/git/b'],
  ['/srv/git/b', '/srv/git/b'],
  ['C:\\git\\b', '/C:/git/b'],
  ['../b', undefined],
  ['b', undefined],
  ['', undefined],
] as const)('the remote %j is compared as %j, without credentials', ([url, expected]) => {
  expect(comparableRemote(url)).toBe(expected);
});

test.for([
  ['[remote "origin"]\n\turl = git@example.com:a/b\n\tfetch = x', 'git@example.com:a/b'],
  ['[remote "z"]\nurl=z\n[remote "fork"]\nurl=f', 'f'],
  ['[remote "fork"]\nurl=f\n[Remote "origin"]\r\nURL = o ; mine', 'o'],
  ['[remote "origin"]\nurl = "o # p"\nurl = second', 'o # p'],
  ['[branch "x"]\nurl = wrong\n[remote "origin"] url = o', 'o'],
  ['[core]\nbare = false', undefined],
  ['', undefined],
] as const)('the remote in the configuration %j is %j', ([config, expected]) => {
  expect(remoteIn(config)).toBe(expected);
});
