import { chmodSync, existsSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../location/testing/temp-folder.ts';
import type { Environment } from '../ports/environment.ts';
import { nodeBrowser } from './browser.ts';

function environment(variables: Readonly<Record<string, string>>): Environment {
  return {
    ...{ platform: 'linux', homeDirectory: '/home/one', surface: 'test' },
    variable: (name) => variables[name],
  };
}

test('an address is handed to the opener as one argument, without the secrets of this process (LM-08)', async () => {
  const folder = tempFolder('browser');
  const [opener, seen] = [join(folder, 'opener'), join(folder, 'seen')];
  writeFileSync(
    opener,
    `#!/bin/sh\n{ printf '%s\\n' "$#" "$@"; env; } > '${seen}.new'; mv '${seen}.new' '${seen}'\n`,
  );
  chmodSync(opener, 0o700);
  process.env['BROWSER_TEST_TOKEN'] = 'a-secret-of-this-process';
  const written = new Promise<void>((resolve) => {
    const watcher = watch(folder, () => {
      if (!existsSync(seen)) return;
      watcher.close();
      resolve();
    });
  });
  const browser = nodeBrowser({ environment: environment({}), opener: [opener, '--page'] });
  const address = 'https://acme.test/sign-in?a=$(touch%20x)&b=;ls';
  expect(await browser.open(address)).toBe(true);
  await written;
  delete process.env['BROWSER_TEST_TOKEN'];
  const lines = readFileSync(seen, 'utf8');
  expect(lines.split('\n').slice(0, 3)).toEqual(['2', '--page', address]);
  expect(lines).not.toContain('a-secret-of-this-process');
});

test.for([
  'file:///etc/passwd',
  'javascript:alert(1)',
  'http://evil.test/',
  'https://user:word@acme.test/',
  '--help',
  'vscode://extension/x',
])('what is no web page (%s) is not opened (LM-08)', async (address) => {
  const browser = nodeBrowser({ environment: environment({ DISPLAY: ':0' }), opener: ['/bin/false'] });
  await expect(browser.open(address)).rejects.toMatchObject({ code: 'browser.address' });
});

test('without a desktop, over SSH or without an opener nothing is opened, and that is said (LM-08)', async () => {
  for (const variables of [{}, { DISPLAY: ':0', SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' }]) {
    expect(await nodeBrowser({ environment: environment(variables) }).open('https://acme.test/')).toBe(false);
  }
  const missing = nodeBrowser({ environment: environment({}), opener: ['/nonexistent/opener'] });
  expect(await missing.open('https://acme.test/')).toBe(false);
});
