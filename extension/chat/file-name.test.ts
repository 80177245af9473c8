import { expect, test } from 'vitest';
import { fileName } from './file-name.ts';

test.each([
  ['Fix the flaky login test', 'Fix-the-flaky-login-test'],
  ['../../etc/passwd', 'etc-passwd'],
  ['Überprüfe: "a/b\\c"?', 'Überprüfe-a-b-c'],
  [`${'x'.repeat(59)} yz`, 'x'.repeat(59)],
  ['…', 'session'],
  ['', 'session'],
])('the title %j becomes the file name %j', (title, name) => {
  expect(fileName(title)).toBe(name);
});
