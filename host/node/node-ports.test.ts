import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { HostError } from '#shared/host-error.ts';
import { createLog, fileWriter } from './log.ts';
import { nodePorts } from './node-ports.ts';
import { nodeSearch } from './search.ts';

function folder(): string {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-ports-')));
  onTestFinished(() => rmSync(top, { recursive: true }));
  return top;
}

function program(path: string): string {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, '#!/bin/sh\n');
  chmodSync(path, 0o755);
  return path;
}

test('every port has an answer, and trust is the one given', () => {
  const ports = nodePorts({
    surface: 'test 1',
    isTrusted: (folder_) => folder_ === '/yes',
    log: { write: () => undefined, level: 'error' },
  });
  expect(Object.keys(ports).sort()).toEqual([
    'browser',
    'clock',
    'documents',
    'environment',
    'files',
    'ids',
    'languageModels',
    'log',
    'processes',
    'search',
    'secrets',
    'textFiles',
    'trust',
    'workspaceView',
  ]);
  expect([ports.trust.isTrusted('/yes'), ports.trust.isTrusted('/no')]).toEqual([true, false]);
  expect(ports.environment.surface).toBe('test 1');
});

test('ids grow, also within one millisecond', () => {
  const { ids } = nodePorts({
    surface: 't',
    isTrusted: () => true,
    log: { write: () => undefined, level: 'error' },
  });
  const made = Array.from({ length: 500 }, () => ids.next('prt'));
  expect(made.toSorted()).toEqual(made);
  expect(made[0]).toMatch(/^prt_[0-9A-Z]{26}$/);
});

test('a log line is one JSON object with the error, its code and its causes', () => {
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line), level: 'info', now: () => 0 });
  log.debug('not written');
  log.info('a fact', { count: 1 });
  log.error('it broke', new HostError('x.y', 'two\nlines', { cause: new Error('why') }), { id: 'a' });
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { time: '1970-01-01T00:00:00.000Z', level: 'info', message: 'a fact', count: 1 },
    {
      level: 'error',
      message: 'it broke',
      id: 'a',
      error: { code: 'x.y', message: 'two\nlines', cause: { message: 'why' } },
    },
  ]);
});

test('a log file is only its user’s', () => {
  const path = join(folder(), 'log.ndjson');
  fileWriter(path)('{}');
  expect(readFileSync(path, 'utf8')).toBe('{}\n');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a program inside the workspace is never taken, nor one reached by a relative PATH', async () => {
  const top = folder();
  const workspace = join(top, 'ws');
  program(join(workspace, 'bin', 'rg'));
  program(join(workspace, '..bin', 'rg'));
  const outside = program(join(top, 'tools', 'rg'));
  const inside = nodeSearch({
    ripgrepCandidates: [join(workspace, 'bin', 'rg')],
    path: `./bin:${workspace}/bin:${workspace}/..bin`,
  });
  expect(await inside.ripgrep(workspace)).toBeUndefined();
  const both = nodeSearch({ ripgrepCandidates: [], path: `${workspace}/bin:${top}/nosuch:${top}/tools` });
  expect(await both.ripgrep(workspace)).toBe(outside);
});

test('a known place of ripgrep comes before PATH, and one that cannot run is passed over', async () => {
  const top = folder();
  const known = program(join(top, 'editor', 'rg'));
  const onPath = program(join(top, 'bin', 'rg'));
  const search = nodeSearch({
    ripgrepCandidates: [join(top, 'nosuch', 'rg'), known],
    path: join(top, 'bin'),
  });
  expect(await search.ripgrep('/ws')).toBe(known);
  chmodSync(known, 0o644);
  const again = nodeSearch({ ripgrepCandidates: [known], path: join(top, 'bin') });
  expect(await again.ripgrep('/ws')).toBe(onPath);
});
