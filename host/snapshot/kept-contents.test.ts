import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SessionID } from '#shared/ids.ts';
import { tempFolder } from '../location/testing/temp-folder.ts';
import { nodeFiles } from '../node/files.ts';
import { createLog } from '../node/log.ts';
import type { Files } from '../ports/files.ts';
import { createKeptContents, hashContent } from './kept-contents.ts';

const [one, two] = ['ses_1', 'ses_2'] as SessionID[] as [SessionID, SessionID];
const bytes = (text: string) => new TextEncoder().encode(text);

function bench(options: { readonly files?: Files; readonly maxBytes?: number } = {}) {
  const directory = join(tempFolder('kept'), 'blobs');
  const logged: string[] = [];
  const log = createLog({ write: (line) => logged.push(line), level: 'error', now: () => 0 });
  const kept = createKeptContents({
    directory,
    files: nodeFiles,
    environment: { platform: process.platform === 'win32' ? 'win32' : 'linux' },
    log,
    ...options,
  });
  const names = () => readdirSync(directory);
  return { kept, directory, logged, names };
}

test('a content is kept once, under its hash, for this user alone (RT-21)', async () => {
  const { kept, directory, names } = bench();
  const hash = hashContent(bytes('text'));
  const states = await Promise.all([
    kept.keep(one, { bytes: bytes('text'), mode: 0o644 }),
    kept.keep(two, { bytes: bytes('text') }),
  ]);
  expect(states).toEqual([
    { type: 'content', hash, mode: 0o644 },
    { type: 'content', hash },
  ]);
  expect(names()).toEqual([hash]);
  expect(statSync(join(directory, hash)).mode & 0o777).toBe(0o600);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(await kept.read(hash)).toEqual(Buffer.from('text'));
});

test('its name and its bytes are durable before it may be named (RT-21)', async () => {
  const steps: string[] = [];
  const files: Files = {
    ...nodeFiles,
    replace: async (...args) => {
      const facts = await nodeFiles.replace(...args);
      steps.push('bytes');
      return facts;
    },
    syncDirectory: async (path) => {
      await nodeFiles.syncDirectory(path);
      steps.push('name');
    },
  };
  await bench({ files }).kept.keep(one, { bytes: bytes('text') });
  expect(steps).toEqual(['bytes', 'name']);
});

test('what is too large, or cannot be written, is unknown and never an error (RT-21)', async () => {
  const { kept, directory, logged } = bench({ maxBytes: 4 });
  expect(await kept.keep(one, { bytes: bytes('12345') })).toEqual({ type: 'unknown' });
  writeFileSync(directory, 'a file where the folder is to be');
  expect(await kept.keep(one, { bytes: bytes('1234') })).toEqual({ type: 'unknown' });
  expect(logged).toHaveLength(1);
});

test('a copy that is damaged or not there is not given out (RT-21)', async () => {
  const { kept, directory } = bench();
  const hash = hashContent(bytes('text'));
  expect(await kept.read(hash)).toBeUndefined();
  await kept.keep(one, { bytes: bytes('text') });
  writeFileSync(join(directory, hash), 'tex!');
  expect(await kept.read(hash)).toBeUndefined();
  expect(await kept.read('../../etc/passwd')).toBeUndefined();
});

test('a sweep removes what nothing names, but not what a session of this process kept (RT-19)', async () => {
  const { kept, names } = bench();
  for (const [owner, text] of [
    [one, 'named'],
    [one, 'of the gone'],
    [two, 'not yet named'],
    [one, 'of both'],
    [two, 'of both'],
  ] as const) {
    await kept.keep(owner, { bytes: bytes(text) });
  }
  const named = () => Promise.resolve([hashContent(bytes('named'))]);
  expect(await kept.sweep(named)).toEqual({ removed: 0, stuck: [] });
  expect(await kept.sweep(named, [one])).toEqual({ removed: 1, stuck: [] });
  const left = ['named', 'not yet named', 'of both'].map((text) => hashContent(bytes(text)));
  expect(names().sort()).toEqual(left.sort());
});

test('a content that is kept again while a sweep runs is there after it (RT-19)', async () => {
  const { kept, directory } = bench();
  await kept.keep(one, { bytes: bytes('text') });
  const asked = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<readonly string[]>();
  const sweeping = kept.sweep(() => {
    asked.resolve();
    return gate.promise;
  }, [one]);
  await asked.promise;
  const again = kept.keep(two, { bytes: bytes('text') });
  gate.resolve([]);
  expect(await sweeping).toEqual({ removed: 1, stuck: [] });
  await again;
  expect(readFileSync(join(directory, hashContent(bytes('text'))), 'utf8')).toBe('text');
});

test('what a crash left half written is swept away (RT-19)', async () => {
  const { kept, directory, names } = bench();
  mkdirSync(directory);
  chmodSync(directory, 0o700);
  writeFileSync(join(directory, `.${'a'.repeat(40)}.0123456789ab.tmp`), 'half');
  await kept.sweep(() => Promise.resolve([]));
  expect(names()).toEqual([]);
});

test('a content that cannot be removed holds no other up, and what is no content is left alone (RT-19)', async () => {
  let stuck: string | undefined;
  const remove: Files['remove'] = (path, expected) => {
    stuck ??= path;
    return path === stuck ? Promise.reject(new Error('It is held.')) : nodeFiles.remove(path, expected);
  };
  const files: Files = { ...nodeFiles, remove };
  const { kept, directory, names } = bench({ files });
  for (const text of ['a', 'b', 'c']) await kept.keep(one, { bytes: bytes(text) });
  writeFileSync(join(directory, 'readme'), 'not ours');
  const held = async (gone: readonly SessionID[]) =>
    (await kept.sweep(() => Promise.resolve([]), gone)).stuck.map(({ hash, error, byGone }) => [
      join(directory, hash) === stuck,
      String(error),
      byGone,
    ]);
  expect(await held([one])).toEqual([[true, 'Error: It is held.', true]]);
  // Whose it was is told once; later sweeps try again.
  expect(await held([two])).toEqual([[true, 'Error: It is held.', false]]);
  expect(
    names()
      .map((name) => join(directory, name))
      .sort(),
  ).toEqual([stuck, join(directory, 'readme')].sort());
});
