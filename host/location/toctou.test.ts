import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { HostError } from '#shared/host-error.ts';
import { nodeFiles } from '../node/files.ts';
import { createAuthority } from './authority.ts';
import { tempFolder } from './testing/temp-folder.ts';

// Swaps the folder `d` with a link to a folder outside, as fast as the disk allows, until it is told to stop.
const swapper = `
const { workerData: { root, stop } } = require('node:worker_threads');
const { renameSync } = require('node:fs');
const flag = new Int32Array(stop);
let swaps = 0;
let made = 0;
// A writer may make the folder that is missing for a moment: it is put aside until the place is free.
const put = (name) => {
  for (;;) {
    try {
      return renameSync(root + '/' + name, root + '/d');
    } catch {
      try { renameSync(root + '/d', root + '/aside-' + made++); } catch {}
    }
  }
};
while (Atomics.load(flag, 0) === 0) {
  renameSync(root + '/d', root + '/hidden');
  put('link');
  renameSync(root + '/d', root + '/link');
  put('hidden');
  swaps++;
}
flag[1] = swaps;
`;

test('no read, list or write leaves the Location while a folder is swapped with a link under it (TL-05)', async () => {
  const top = tempFolder('race');
  const [root, outside] = [join(top, 'project'), join(top, 'outside')];
  mkdirSync(join(root, 'd'), { recursive: true });
  mkdirSync(outside);
  writeFileSync(join(root, 'd', 'f.txt'), 'inside');
  writeFileSync(join(outside, 'f.txt'), 'TOP SECRET');
  symlinkSync(outside, join(root, 'link'));
  const environment = { homeDirectory: '/home/nobody' };
  const authority = createAuthority({
    root,
    extraRoots: [],
    files: nodeFiles,
    environment,
    platform: 'linux',
  });
  const stop = new SharedArrayBuffer(8);
  const worker = new Worker(swapper, { eval: true, workerData: { root, stop } });
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  await new Promise((resolve) => worker.once('online', resolve));

  const seen = { read: 0, leaked: 0, refused: 0, written: 0 };
  for (let attempt = 0; attempt < 3_000; attempt++) {
    await tryOnce(authority, { attempt, seen });
  }
  Atomics.store(new Int32Array(stop), 0, 1);
  expect(await ended).toBe(0);

  expect(seen.leaked).toBe(0);
  expect(readdirSync(outside)).toEqual(['f.txt']);
  // The race was on: swaps happened, some attempts got through and some were refused.
  expect(new Int32Array(stop)[1]).toBeGreaterThan(100);
  expect(seen.read).toBeGreaterThan(0);
  expect(seen.refused).toBeGreaterThan(0);
}, 60_000);

type Seen = Record<'read' | 'leaked' | 'refused' | 'written', number>;

async function tryOnce(
  authority: ReturnType<typeof createAuthority>,
  { attempt, seen }: { readonly attempt: number; readonly seen: Seen },
): Promise<void> {
  try {
    const isWrite = attempt % 3 === 0;
    const verdict = await authority.authorize(
      isWrite ? `d/new-${attempt}.txt` : 'd/f.txt',
      isWrite ? 'write' : 'read',
    );
    if (verdict.type !== 'inside') {
      seen.refused++;
      return;
    }
    if (isWrite) {
      await authority.write(verdict.path, Buffer.from('x'), 'absent');
      seen.written++;
      return;
    }
    await using file = await authority.open(verdict.path);
    const text = new TextDecoder().decode(await file.read(0, 100));
    if (text.includes('SECRET')) seen.leaked++;
    seen.read++;
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    seen.refused++;
  }
}
