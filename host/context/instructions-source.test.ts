import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeClock } from '../node/clock.ts';
import { nodeTextFiles } from '../node/text-files.ts';
import type { SourceWorld } from './builtin-sources.ts';
import { instructionsSource } from './instructions-source.ts';

let top: string;
let project: string;

beforeEach(async () => {
  top = await mkdtemp(join(tmpdir(), 'millrace-instructions-'));
  project = join(top, 'project');
  await mkdir(join(project, '.git'), { recursive: true });
});
afterEach(() => rm(top, { recursive: true }));

function observe() {
  const world: SourceWorld = {
    directory: project,
    clock: nodeClock,
    environment: { platform: 'linux', homeDirectory: top, surface: 'test', variable: () => undefined },
    files: nodeTextFiles,
    isTrusted: () => true,
  };
  const agent = { name: 'build', instructions: '' };
  return instructionsSource(world).observe({ agent, signal: new AbortController().signal });
}

test('instructions that are a link out of the project are not read', async () => {
  await writeFile(join(top, 'secret'), 'TOP SECRET');
  await symlink(join(top, 'secret'), join(project, 'AGENTS.md'));
  expect(await observe()).toBeUndefined();
});

test('a link inside the project is read', async () => {
  await writeFile(join(project, 'real.md'), 'Be brief.');
  await symlink('real.md', join(project, 'CLAUDE.md'));
  const path = join(project, 'CLAUDE.md');
  expect(await observe()).toEqual({ files: [{ path, text: 'Be brief.' }] });
});

test('a FIFO or a file of megabytes is left out, and nothing waits', async () => {
  execFileSync('mkfifo', [join(project, 'AGENTS.md')]);
  await writeFile(join(project, 'CLAUDE.md'), 'x'.repeat(2_000_000));
  expect(await observe()).toBeUndefined();
});
