import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../../location/testing/temp-folder.ts';
import { promoting, sourceWorld } from '../testing/source-world.ts';
import { steppedClock } from '../testing/stepped-clock.ts';
import { dateSource } from './date.ts';
import { environmentSource } from './environment.ts';

const programs = (path: string | undefined) => ({
  ripgrep: async () => undefined,
  program: async (name: string) => (name === 'bash' ? path : undefined),
});

test('the environment names folder, system, surface, the shell of commands, and whether git is there', async () => {
  const directory = tempFolder('environment');
  const told = async (bash: string | undefined) => {
    const source = environmentSource(sourceWorld(directory, { search: programs(bash) }));
    return source.read(await source.observe(promoting))?.baseline();
  };
  expect(await told('/opt/bin/bash')).toBe(
    `<environment>\nWorking folder: ${directory}\nGit repository: no\nPlatform: Linux\nShell: bash\nSurface: test 1\n</environment>`,
  );
  mkdirSync(join(directory, '.git'));
  expect(await told(undefined)).toMatch(/Git repository: yes\n.*\nShell: none\n/);
});

test('the date is the user’s day, and the same at every time of it', async () => {
  const told = async (time: Date) => {
    const source = dateSource({ clock: steppedClock(time.getTime()).clock });
    return source.read(await source.observe(promoting))?.baseline();
  };
  expect(await told(new Date(2026, 0, 5, 0, 0, 1))).toBe('Today is 2026-01-05.');
  expect(await told(new Date(2026, 0, 5, 23, 59, 59))).toBe('Today is 2026-01-05.');
});
