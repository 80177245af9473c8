import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../location/testing/temp-folder.ts';
import { nodeFiles } from '../node/files.ts';
import { createLog } from '../node/log.ts';
import type { Files } from '../ports/files.ts';
import { createManagedOutput } from './managed-output.ts';

// What a crash left in the folder of whole outputs (RT-19, TL-07).

const opened = 1_000_000_000_000;

function bench(files: Files = nodeFiles) {
  const directory = join(tempFolder('managed'), 'output');
  const log = createLog({ write: () => undefined, level: 'error', now: () => 0 });
  const platform = process.platform === 'win32' ? 'win32' : 'linux';
  const output = createManagedOutput({ directory, files, environment: { platform }, log });
  const leave = (name: string, modified: number) => {
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, name), 'left');
    utimesSync(join(directory, name), modified / 1000, modified / 1000);
  };
  return { output, leave, directory, names: () => readdirSync(directory).sort() };
}

test('only outputs that nothing names and that are older than the opening are swept (RT-19)', async () => {
  const { output, leave, directory, names } = bench();
  leave('call_lost.txt', opened - 1_000);
  leave('call_lost-2.txt', opened - 1_000);
  leave('call_named.txt', opened - 1_000);
  leave('call_new.txt', opened + 1_000);
  leave('notes of mine.txt', opened - 1_000);
  leave('call.log', opened - 1_000);
  mkdirSync(join(directory, 'folder.txt'));
  // The folder may have had another path when it was named.
  await output.sweep(() => Promise.resolve(['/moved/output/call_named.txt']), opened);
  const left = ['call.log', 'call_named.txt', 'call_new.txt', 'folder.txt', 'notes of mine.txt'];
  expect(names()).toEqual(left);
});

test('what this process keeps is never swept, whatever the time of the disk (RT-19)', async () => {
  const { output, names } = bench();
  const writer = output.begin('call_running');
  await writer.write(Buffer.from('so far'));
  await output.sweep(() => Promise.resolve([]), Number.MAX_SAFE_INTEGER);
  expect(names()).toEqual(['call_running.txt']);
  expect(await writer.finish()).toMatchObject({ type: 'kept' });
});

test('an output that cannot be removed holds no other up, and no folder is made for a sweep (RT-19)', async () => {
  const remove: Files['remove'] = (path, expected) =>
    path.endsWith('b.txt') ? Promise.reject(new Error('It is held.')) : nodeFiles.remove(path, expected);
  const { output, leave, names } = bench({ ...nodeFiles, remove });
  await output.sweep(() => Promise.reject(new Error('Nobody asks')), opened);
  expect(() => names()).toThrow('ENOENT');
  for (const name of ['a.txt', 'b.txt', 'c.txt']) leave(name, opened - 1_000);
  await expect(output.sweep(() => Promise.resolve([]), opened)).rejects.toThrow('It is held.');
  expect(names()).toEqual(['b.txt']);
});
