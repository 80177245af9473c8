import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { nodeFiles } from './files.ts';
import { portableAnchor } from './portable-anchor.ts';

const signal = new AbortController().signal;

function folder(): string {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-files-')));
  onTestFinished(() => rmSync(top, { recursive: true }));
  return top;
}

test('a FIFO, a device and a folder are not opened, and nothing waits for them', async () => {
  const top = folder();
  execFileSync('mkfifo', [join(top, 'pipe')]);
  for (const path of [join(top, 'pipe'), '/dev/zero', top]) {
    await expect(nodeFiles.open(path)).rejects.toMatchObject({ code: 'file.not-a-file' });
  }
});

test('errors name the path that was asked for, never a descriptor', async () => {
  const path = join(folder(), 'nosuch', 'x');
  await expect(nodeFiles.open(path)).rejects.toThrow(join(path, '..'));
  await expect(nodeFiles.open(join(folder(), 'nosuch'))).rejects.toMatchObject({
    code: 'file.not-found',
    message: expect.not.stringContaining('/proc/'),
  });
});

test('a file that exists is not created', async () => {
  const path = join(folder(), 'x');
  await using sink = await nodeFiles.create(path, 0o600);
  await sink.write(Buffer.from('one'));
  await expect(nodeFiles.create(path, 0o600)).rejects.toMatchObject({ code: 'file.exists' });
  expect(readFileSync(path, 'utf8')).toBe('one');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a listing stops at its limit and says that there is more', async () => {
  const top = folder();
  for (const name of ['a', 'b', 'c']) writeFileSync(join(top, name), '');
  expect(await nodeFiles.list(top, { limit: 2, signal })).toMatchObject({
    more: true,
    entries: { length: 2 },
  });
  expect(await nodeFiles.list(top, { limit: 3, signal })).toMatchObject({
    more: false,
    entries: { length: 3 },
  });
});

test('an aborted listing rejects with the reason', async () => {
  const top = folder();
  writeFileSync(join(top, 'a'), '');
  const reason = new Error('stop');
  await expect(nodeFiles.list(top, { limit: 2, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test('a replacement that cannot be made leaves the old file and nothing beside it', async () => {
  const top = folder();
  const path = join(top, 'x');
  writeFileSync(path, 'old');
  await expect(nodeFiles.replace(path, Buffer.from('new'), { expected: 'absent' })).rejects.toMatchObject({
    code: 'file.changed',
  });
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(top)).toEqual(['x']);
});

test('a new file has the mode that the process gives, a replaced one keeps its own', async () => {
  const top = folder();
  const path = join(top, 'x');
  const made = await nodeFiles.replace(path, Buffer.from('1'), { expected: 'absent' });
  expect(statSync(path).mode & 0o777).toBe(0o666 & ~process.umask());
  const next = await nodeFiles.replace(path, Buffer.from('2'), { expected: made.version });
  expect(next.version).not.toBe(made.version);
  expect(next.links).toBe(1);
  expect(next.version).toBe((await nodeFiles.inspect(path))?.version);
});

test('the anchor of other platforms refuses a folder that became a link, before and after its use', async () => {
  const top = folder();
  const path = join(top, 'd');
  mkdirSync(path);
  await using held = await portableAnchor(path);
  rmSync(path, { recursive: true });
  mkdirSync(join(top, 'elsewhere'));
  symlinkSync(join(top, 'elsewhere'), path);
  await expect(held.verify()).rejects.toMatchObject({ code: 'file.moved' });
  await expect(portableAnchor(path)).rejects.toMatchObject({ code: 'file.moved' });
});

test('removing and making a folder twice are no errors', async () => {
  const path = join(folder(), 'd');
  await nodeFiles.makeDirectory(path);
  await nodeFiles.makeDirectory(path);
  await nodeFiles.remove(path);
  await nodeFiles.remove(path);
  expect(await nodeFiles.inspect(path)).toBeUndefined();
});

test('only the version that was looked at is removed (RT-21)', async () => {
  const path = join(folder(), 'a.txt');
  writeFileSync(path, 'one');
  const seen = await nodeFiles.inspect(path);
  writeFileSync(path, 'the user’s own');
  const stale = seen?.version ?? '';
  await expect(nodeFiles.remove(path, stale)).rejects.toMatchObject({ code: 'file.changed' });
  expect(readFileSync(path, 'utf8')).toBe('the user’s own');
  await nodeFiles.remove(path, (await nodeFiles.inspect(path))?.version);
  expect(await nodeFiles.inspect(path)).toBeUndefined();
});

test('the names of a folder are synced, and a folder that is not there is told', async () => {
  const top = folder();
  await nodeFiles.syncDirectory(top);
  await expect(nodeFiles.syncDirectory(join(top, 'none'))).rejects.toMatchObject({ code: 'file.not-found' });
});
