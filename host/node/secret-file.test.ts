import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Notice } from '#shared/notice.ts';
import { tempFolder } from '../location/testing/temp-folder.ts';
import { secretFile } from './secret-file.ts';

function openFile(folder = join(tempFolder('secrets'), 'data/secrets')) {
  const notices: Notice[] = [];
  const open = () => secretFile({ folder, onNotice: (notice) => notices.push(notice) });
  return { secrets: open(), open, folder, path: join(folder, 'secrets.json'), notices };
}

const modeOf = (path: string) => statSync(path).mode & 0o777;

test('secrets are kept in one file for this user alone, and others see them at once (LM-08)', async () => {
  const { secrets, open, folder, path, notices } = openFile();
  expect(await secrets.get('one')).toBeUndefined();
  await secrets.delete('one');
  expect(existsSync(folder)).toBe(false);
  await secrets.set('one', 'first');
  await secrets.set('two', 'second');
  await secrets.set('one', 'changed');
  expect(await open().get('one')).toBe('changed');
  expect([modeOf(path), modeOf(folder)]).toEqual([0o600, 0o700]);
  await secrets.delete('one');
  expect(await open().get('one')).toBeUndefined();
  expect(await open().get('two')).toBe('second');
  expect(readFileSync(path, 'utf8')).not.toContain('changed');
  expect(readdirSync(folder)).toEqual(['secrets.json']);
  expect(notices).toEqual([]);
});

test('changes made at the same time lose nothing (LM-08)', async () => {
  const { open } = openFile();
  const keys = Array.from({ length: 20 }, (_, index) => `key-${index}`);
  await Promise.all(keys.map((key) => open().set(key, key)));
  const kept = await Promise.all(keys.map((key) => open().get(key)));
  expect(kept).toEqual(keys);
});

test('what stands open to others is closed, and that is said (LM-08)', async () => {
  const { secrets, folder, path, notices } = openFile();
  await secrets.set('one', 'first');
  chmodSync(path, 0o644);
  chmodSync(folder, 0o755);
  expect(await secrets.get('one')).toBe('first');
  expect([modeOf(path), modeOf(folder)]).toEqual([0o600, 0o700]);
  expect(notices).toMatchObject([
    { code: 'secrets.repaired', level: 'warning', data: { '0': folder } },
    { code: 'secrets.repaired', level: 'warning', data: { '0': path } },
  ]);
});

test('a link in the place of the file is neither read nor followed (LM-08)', async () => {
  const { secrets, folder, path } = openFile();
  await secrets.set('one', 'first');
  const elsewhere = join(tempFolder('secrets'), 'elsewhere.json');
  writeFileSync(elsewhere, readFileSync(path), { mode: 0o600 });
  const before = readFileSync(elsewhere, 'utf8');
  const linked = openFile(join(folder, '../linked'));
  mkdirSync(linked.folder, { mode: 0o700 });
  symlinkSync(elsewhere, linked.path);
  await expect(linked.secrets.get('one')).rejects.toMatchObject({ code: 'secrets.unsafe' });
  await expect(linked.secrets.set('one', 'stolen')).rejects.toMatchObject({ code: 'secrets.unsafe' });
  expect(readFileSync(elsewhere, 'utf8')).toBe(before);
});

test('a link or a file in the place of the folder is refused (LM-08)', async () => {
  const place = tempFolder('secrets');
  mkdirSync(join(place, 'real'));
  symlinkSync(join(place, 'real'), join(place, 'linked'));
  writeFileSync(join(place, 'file'), '');
  for (const name of ['linked', 'file']) {
    const { secrets } = openFile(join(place, name));
    await expect(secrets.set('one', 'first')).rejects.toMatchObject({ code: 'secrets.unsafe' });
  }
  expect(readdirSync(join(place, 'real'))).toEqual([]);
});

test.for([
  '',
  '{"format":"millrace-secrets","version":1,"secrets":{"one":"a-secret-that',
  '{"format":"millrace-secrets","version":2,"secrets":{"one":"a-secret-that"}}',
  '{"format":"other","version":1,"secrets":{}}',
])(
  'a file that cannot be read as secrets (%j) is left as it is, and its content is not said (LM-08)',
  async (text) => {
    const { secrets, folder, path } = openFile();
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(path, text, { mode: 0o600 });
    for (const attempt of [secrets.get('one'), secrets.set('one', 'new')]) {
      const error = await attempt.catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: 'secrets.damaged',
        message: expect.not.stringContaining('a-secret'),
      });
      expect(error).not.toHaveProperty('cause');
    }
    expect(readFileSync(path, 'utf8')).toBe(text);
  },
);

test('what another process changes is told by its key, and nobody is told after leaving (LM-08)', async () => {
  const { secrets, open } = openFile();
  await secrets.set('one', 'first');
  const told = Promise.withResolvers<void>();
  const keys = new Set<string>();
  const after: string[] = [];
  using _listening = secrets.onDidChange((key) => {
    keys.add(key);
    if (key === 'two') told.resolve();
  });
  secrets.onDidChange((key) => after.push(key))[Symbol.dispose]();
  await open().set('two', 'second');
  await told.promise;
  expect([...keys]).toContain('two');
  expect(after).toEqual([]);
});

test('a lock of the file is held by one at a time, and does not stand in the way of changes under it (LM-08)', async () => {
  const { secrets, open } = openFile();
  const { signal } = new AbortController();
  const held = await secrets.lock('credential.acme', signal);
  await open().set('one', 'first');
  const giveUp = new AbortController();
  const waiting = open().lock('credential.acme', giveUp.signal);
  giveUp.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  held[Symbol.dispose]();
  using _again = await open().lock('credential.acme', signal);
});
