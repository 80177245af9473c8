import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { type Claim, type ClaimOptions, claimFolder } from './lock.ts';
import { describeOwner, readClaim, writeClaim } from './lock-file.ts';
import { temporaryFolder } from './testing/toy-store.ts';

// Thousands of openings, or real processes' time limits: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

function claim(directory: string, options: Partial<ClaimOptions> = {}): Promise<Claim> {
  return claimFolder({
    directory,
    ownership: 'take-over',
    surface: 'test',
    lowestEpoch: 0,
    onYield: () => undefined,
    signal: new AbortController().signal,
    ...options,
  });
}

test('claims made at once end with one owner, whose epoch is the highest', async () => {
  using folder = temporaryFolder();
  for (let round = 0; round < 25; round++) {
    const claims = await Promise.all(Array.from({ length: 6 }, () => claim(folder.path)));
    const holding = claims.filter((each) => each.holds());
    expect(holding).toHaveLength(1);
    expect(holding[0]?.epoch).toBe(Math.max(...claims.map(({ epoch }) => epoch)));
    expect(new Set(claims.map(({ epoch }) => epoch)).size).toBe(6);
    for (const each of claims) each.release();
  }
  // The last one and the one before it keep their files, however many there were.
  expect(readdirSync(folder.path)).toHaveLength(2);
});

test('refusing claims made at once give one owner and five refusals', async () => {
  using folder = temporaryFolder();
  const claims = await Promise.allSettled(
    Array.from({ length: 6 }, () => claim(folder.path, { ownership: 'refuse', surface: 'the first' })),
  );
  const refused = claims.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(refused).toHaveLength(5);
  for (const error of refused) {
    expect(error).toMatchObject({ code: 'store.locked', data: { pid: process.pid, surface: 'the first' } });
  }
});

test('the owner is asked by name and has stopped writing before the new claim exists', async () => {
  using folder = temporaryFolder();
  const said: string[] = [];
  const first = await claim(folder.path, {
    onYield: (surface) => said.push(`${surface}, with ${readdirSync(folder.path).join(' ')}`),
  });
  const second = await claim(folder.path, { surface: 'the second' });
  expect(said).toEqual(['the second, with LOCK-1']);
  expect([first.holds(), second.holds()]).toEqual([false, true]);
  expect(first.successor()).toBe('the second');
  second.release();
});

test('a claim whose file was taken from it, or which was overruled while its process slept, does not hold', async () => {
  using folder = temporaryFolder();
  const first = await claim(folder.path);
  const file = join(folder.path, 'LOCK-1');
  const written = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(join(folder.path, 'LOCK-2'), '');
  expect(first.holds()).toBe(false);
  // An empty lock file, as a power failure leaves it, still uses up its epoch.
  const third = await claim(folder.path);
  expect(third.epoch).toBe(3);
  expect(third.holds()).toBe(true);
  // Epoch 1 wakes up after its file was removed: nothing tells it apart from the present but its own absence.
  expect(readdirSync(folder.path)).toEqual(['LOCK-2', 'LOCK-3']);
  expect(first.holds()).toBe(false);
  expect(written).toMatchObject({ epoch: 1, pid: process.pid });
  third.release();
});

test('a lock file is never written over, and one that comes too late is taken back', () => {
  using folder = temporaryFolder();
  const info = (epoch: number, surface: string) =>
    describeOwner({ directory: folder.path, nonce: 'n', epoch, surface });
  expect(writeClaim(folder.path, info(5, 'the first'))).toBe(true);
  expect(writeClaim(folder.path, info(5, 'the second'))).toBe(false);
  expect(readClaim(folder.path, 5)?.surface).toBe('the first');
  // Stopped in mid-claim while others went on to epoch 5.
  expect(writeClaim(folder.path, info(4, 'the late one'))).toBe(false);
  expect(readdirSync(folder.path)).toEqual(['LOCK-5']);
});

test('an epoch of the journal is never used again, even if every lock file was removed', async () => {
  using folder = temporaryFolder();
  const only = await claim(folder.path, { lowestEpoch: 41 });
  expect(only.epoch).toBe(42);
  only.release();
});

const live = { pid: 1, nonce: 'n', epoch: 1, surface: 'elsewhere', released: false };
const isLinux = process.platform === 'linux';
const here = isLinux ? factsOfProcessOne() : {};

test.skipIf(!isLinux).each([
  ['released', { ...live, ...here, released: true }, true],
  ['of a process that is gone', { ...live, ...here, pid: 2 ** 22 - 3 }, true],
  ['of another process with the same number', { ...live, ...here, startTime: '1' }, true],
  ['from before the machine was started anew', { ...live, ...here, bootID: 'an older one' }, true],
  ['of a folder that this is a copy of', { ...live, ...here, directory: '/somewhere/else' }, true],
  ['of a living process that is out of reach', { ...live, ...here }, false],
  ['of another machine', { ...live, ...here, host: 'another', bootID: 'another' }, false],
])(
  'without an answer on its socket, a lock %s is refused only while its owner may live',
  async (_, info, isFree) => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'LOCK-1'), JSON.stringify({ directory: folder.path, ...info }));
    const claimed = claim(folder.path, { ownership: 'refuse' });
    if (isFree) {
      const free = await claimed;
      expect(free.epoch).toBe(2);
      free.release();
    } else {
      await expect(claimed).rejects.toMatchObject({
        code: 'store.locked',
        data: { pid: 1, surface: 'elsewhere' },
      });
      const taken = await claim(folder.path);
      expect(taken.holds()).toBe(true);
      taken.release();
    }
  },
);

test('a living owner that answers is told of at once', async () => {
  using folder = temporaryFolder();
  const first = await claim(folder.path);
  await expect(claim(folder.path, { ownership: 'refuse' })).rejects.toMatchObject({ code: 'store.locked' });
  expect(first.holds()).toBe(true);
  first.release();
});

test.skipIf(!isLinux)(
  'waiting for an owner that only its file tells of ends with the signal’s reason',
  async () => {
    using folder = temporaryFolder();
    const facts = {
      pid: 1,
      nonce: 'other',
      epoch: 1,
      surface: 'other',
      directory: folder.path,
      released: false,
    };
    writeFileSync(join(folder.path, 'LOCK-1'), JSON.stringify({ ...facts, ...factsOfProcessOne() }));
    const controller = new AbortController();
    const waiting = claim(folder.path, { ownership: 'refuse', signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  },
);

function factsOfProcessOne(): object {
  const stat = readFileSync('/proc/1/stat', 'utf8');
  return {
    bootID: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    host: hostname(),
    startTime: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19],
  };
}
