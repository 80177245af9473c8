import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodeFiles } from '../node/files.ts';
import type { Files } from '../ports/files.ts';
import { createAuthority } from './authority.ts';
import type { PathOperation } from './authorized-path.ts';
import type { Platform } from './parse-path.ts';
import { lexicalFiles, ownRows, type PathRow, type Scene, sharedRows, stage } from './testing/path-rows.ts';

const signal = new AbortController().signal;

function authorityOf(root: string, extraRoots: readonly string[] = []) {
  return createAuthority({
    root,
    extraRoots,
    files: nodeFiles,
    environment: { homeDirectory: '/home/nobody' },
    platform: 'linux',
  });
}

function blankScene(): Scene {
  return stage({ id: '', input: '', platform: 'linux', op: 'read', setup: [], expect: 'inside' });
}

const rows = [...ownRows, ...sharedRows()];
const operationOf: Readonly<Record<PathRow['op'], PathOperation>> = {
  read: 'read',
  write: 'write',
  glob: 'list',
  patch: 'write',
};
const patchHeader = /^(?:\*\*\* (?:Move to|Add File): |\+\+\+ b\/)/;

describe('paths on the disk', () => {
  for (const row of rows.filter(({ platform }) => platform === 'linux' || platform === 'any')) {
    test(`${row.id}: ${JSON.stringify(row.input).slice(0, 60)} is ${row.expect} (TL-05)`, async () => {
      const scene = stage(row);
      const authority = authorityOf(scene.root);
      const input = row.op === 'patch' ? scene.input.replace(patchHeader, '') : scene.input;
      const verdict =
        row.op === 'glob'
          ? (await authority.authorizeGlob(input, '.')).verdict
          : await authority.authorize(input, operationOf[row.op]);
      expect(verdict.type).toBe(row.expect);
      rmSync(dirname(scene.root), { recursive: true });
    });
  }
});

describe('paths of other platforms, lexically', () => {
  const roots: Partial<Record<Platform, string>> = { win32: 'C:\\ws\\proj', darwin: '/Users/u/Proj' };
  const foreign = rows.filter(({ platform }) => platform !== 'linux');
  for (const row of foreign) {
    for (const platform of row.platform === 'any' ? (['win32', 'darwin'] as const) : [row.platform]) {
      const root = roots[platform as Platform] ?? '';
      test(`${row.id} on ${platform}: ${JSON.stringify(row.input).slice(0, 60)} is ${row.expect}`, async () => {
        const files: Files = { ...nodeFiles, ...lexicalFiles(root, row) };
        const environment = { homeDirectory: platform === 'win32' ? 'C:\\Users\\u' : '/Users/u' };
        const authority = createAuthority({
          root,
          extraRoots: [],
          files,
          environment,
          platform: platform as Platform,
        });
        const verdict = await authority.authorize(row.input, operationOf[row.op]);
        expect(verdict.type).toBe(row.expect);
      });
    }
  }

  test('a share is not looked at before it is allowed', async () => {
    const looked: string[] = [];
    const inspect = (path: string) => {
      looked.push(path);
      return lexicalFiles('C:\\ws\\proj', { ...(rows[0] as PathRow), setup: [] }).inspect(path);
    };
    const authority = createAuthority({
      root: 'C:\\ws\\proj',
      extraRoots: [],
      files: { ...nodeFiles, inspect },
      environment: { homeDirectory: 'C:\\Users\\u' },
      platform: 'win32',
    });
    expect(await authority.authorize('\\\\evil.test@80\\dav\\x', 'read')).toMatchObject({ type: 'external' });
    expect(looked.filter((path) => path.includes('evil'))).toEqual([]);
  });
});

test.skipIf(sharedRows().length === 0)(
  'the rows of the shared path corpus are among those that were tried',
  () => {
    expect(rows.filter(({ id }) => id.startsWith('pe-')).length).toBeGreaterThan(80);
  },
);

async function authorized(root: string, input: string, operation: PathOperation) {
  const authority = authorityOf(root);
  const verdict = await authority.authorize(input, operation);
  if (verdict.type === 'invalid') throw new Error(verdict.reason);
  return { authority, path: verdict.path };
}

describe('handles', () => {
  test('a handle that the authority did not issue opens nothing', async () => {
    const { root, outside } = blankScene();
    const { authority, path } = await authorized(root, 'a.txt', 'read');
    const forged = { ...path, real: join(outside, 'secret.txt') };
    await expect(authority.open(forged)).rejects.toMatchObject({ code: 'location.not-authorized' });
  });

  test('a handle for reading does not write', async () => {
    const { authority, path } = await authorized(blankScene().root, 'a.txt', 'read');
    await expect(authority.write(path, Buffer.from('x'), 'absent')).rejects.toMatchObject({
      code: 'location.not-authorized',
    });
  });

  test('a link put in the place of a file after it was authorized is not followed', async () => {
    const { root, outside } = blankScene();
    writeFileSync(join(root, 'a.txt'), 'inside');
    const { authority, path } = await authorized(root, 'a.txt', 'read');
    rmSync(join(root, 'a.txt'));
    symlinkSync(join(outside, 'secret.txt'), join(root, 'a.txt'));
    await expect(authority.open(path)).rejects.toMatchObject({ code: 'file.moved' });
  });

  test('a link put in the place of a folder after it was authorized is not followed, to read, list or write', async () => {
    const { root, outside } = blankScene();
    mkdirSync(join(root, 'a', 'b'), { recursive: true });
    const read = await authorized(root, 'a/b/secret.txt', 'read');
    const list = await authorized(root, 'a/b', 'list');
    const write = await authorized(root, 'a/b/new/x.txt', 'write');
    rmSync(join(root, 'a'), { recursive: true });
    symlinkSync(outside, join(root, 'a'));
    mkdirSync(join(outside, 'b'));
    writeFileSync(join(outside, 'b', 'secret.txt'), 'TOP SECRET');
    await expect(read.authority.open(read.path)).rejects.toMatchObject({ code: 'file.moved' });
    await expect(list.authority.list(list.path, { limit: 9, signal })).rejects.toMatchObject({
      code: 'file.moved',
    });
    await expect(write.authority.write(write.path, Buffer.from('x'), 'absent')).rejects.toMatchObject({
      code: 'file.moved',
    });
    expect(existsSync(join(outside, 'b', 'new'))).toBe(false);
  });

  test('a file is written with its missing folders', async () => {
    const { root } = blankScene();
    const { authority, path } = await authorized(root, 'a/b/c.txt', 'write');
    await authority.write(path, Buffer.from('new'), 'absent');
    expect(readFileSync(join(root, 'a/b/c.txt'), 'utf8')).toBe('new');
  });

  test('a replaced file keeps its mode and leaves the other names of a hard link alone (TL-16)', async () => {
    const { root, outside } = blankScene();
    const file = join(root, 'run.sh');
    linkSync(join(outside, 'secret.txt'), file);
    chmodSync(file, 0o750);
    const { authority, path } = await authorized(root, 'run.sh', 'write');
    await authority.write(path, Buffer.from('new'), path.facts?.version ?? '');
    expect(statSync(file).mode & 0o7777).toBe(0o750);
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(readFileSync(join(outside, 'secret.txt'), 'utf8')).toBe('TOP SECRET\n');
  });

  test('a file comes back with the mode it had, and is removed only for who may write it (RT-21)', async () => {
    const { root } = blankScene();
    const { authority, path } = await authorized(root, 'back.sh', 'write');
    const facts = await authority.write(path, Buffer.from('back'), { expected: 'absent', mode: 0o750 });
    expect(statSync(join(root, 'back.sh')).mode & 0o7777).toBe(0o750);
    const read = await authorized(root, 'back.sh', 'read');
    await expect(read.authority.remove(read.path, facts.version)).rejects.toMatchObject({
      code: 'location.not-authorized',
    });
    await authority.remove(path, facts.version);
    expect(existsSync(join(root, 'back.sh'))).toBe(false);
  });

  test('another version than the expected one is not replaced', async () => {
    const { root } = blankScene();
    writeFileSync(join(root, 'a.txt'), 'one');
    const { authority, path } = await authorized(root, 'a.txt', 'write');
    writeFileSync(join(root, 'a.txt'), 'two');
    await expect(authority.write(path, Buffer.from('x'), path.facts?.version ?? '')).rejects.toMatchObject({
      code: 'file.changed',
    });
    await expect(authority.write(path, Buffer.from('x'), 'absent')).rejects.toMatchObject({
      code: 'file.changed',
    });
    expect(readFileSync(join(root, 'a.txt'), 'utf8')).toBe('two');
  });

  test('a listed link has no handle, and a refused write leaves no temporary file', async () => {
    const { root, outside } = blankScene();
    symlinkSync(outside, join(root, 'link'));
    writeFileSync(join(root, 'a.txt'), 'one');
    const { authority, path } = await authorized(root, 'a.txt', 'write');
    await expect(authority.write(path, Buffer.from('x'), 'absent')).rejects.toMatchObject({
      code: 'file.changed',
    });
    const root_ = await authority.authorize('.', 'list');
    if (root_.type !== 'inside') throw new Error('the root is inside');
    const { entries } = await authority.list(root_.path, { limit: 10, signal });
    expect(entries.map(({ name, type, path: handle }) => [name, type, handle?.shown])).toEqual([
      ['a.txt', 'file', 'a.txt'],
      ['link', 'link', undefined],
    ]);
  });

  test('managed output is readable by its absolute path and never writable (TL-05)', async () => {
    const { root, outside } = blankScene();
    const authority = authorityOf(root, [outside]);
    const path = join(outside, 'secret.txt');
    expect(await authority.authorize(path, 'read')).toMatchObject({
      type: 'inside',
      path: { place: 'managed' },
    });
    expect(await authority.authorize(path, 'write')).toMatchObject({ type: 'invalid' });
  });

  test('a Location that was opened through a link works, and is where it really is', async () => {
    const { root, outside } = blankScene();
    symlinkSync(root, join(outside, 'project'));
    const authority = authorityOf(join(outside, 'project'));
    expect(await authority.root()).toBe(root);
    expect(await authority.authorize('a/b.ts', 'write')).toMatchObject({
      type: 'inside',
      path: { real: join(root, 'a/b.ts'), shown: 'a/b.ts' },
    });
    expect(lstatSync(root).isDirectory()).toBe(true);
  });

  test('a missing Location is a domain error', async () => {
    const authority = authorityOf('/nosuch/folder');
    await expect(authority.authorize('a', 'read')).rejects.toMatchObject({ code: 'location.missing' });
  });
});
