import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { completed, missingOptional } from './lock-file.ts';

const tool = {
  version: '1.2.3',
  dev: true,
  license: 'MIT',
  optionalDependencies: {
    '@tool/cli-linux-x64': '1.2.3',
    '@tool/cli-linux-arm64-musl': '1.2.3',
    fsevents: '~2.3.3',
  },
};
const lock = {
  lockfileVersion: 3,
  packages: {
    'node_modules/tool': tool,
    'node_modules/@tool/cli-linux-x64': { version: '1.2.3', optional: true },
  },
};

test("the project's lockfile holds every optional package that it names, so that npm ci accepts it", async () => {
  const missing = missingOptional(JSON.parse(await readFile('package-lock.json', 'utf8')));
  expect(
    missing.map(({ name }) => name),
    'run: npm run lock:complete',
  ).toEqual([]);
});

test('a build that the registry did not have is found', () => {
  expect(missingOptional(lock)).toEqual([
    { by: 'node_modules/tool', name: '@tool/cli-linux-arm64-musl', version: '1.2.3' },
  ]);
});

test('completing adds the missing build with its platform, and keeps the rest', () => {
  const whole = completed(lock);
  expect(whole).toEqual({
    lockfileVersion: 3,
    packages: {
      ...lock.packages,
      'node_modules/@tool/cli-linux-arm64-musl': {
        version: '1.2.3',
        dev: true,
        license: 'MIT',
        optional: true,
        os: ['linux'],
        cpu: ['arm64'],
        libc: ['musl'],
      },
    },
  });
  expect(missingOptional(whole)).toEqual([]);
});

test("a package nested in another's node_modules counts as held", () => {
  const packages = {
    'node_modules/a/node_modules/tool': { optionalDependencies: { b: '1.0.0' } },
    'node_modules/a/node_modules/b': {},
  };
  expect(missingOptional({ packages })).toEqual([]);
});
