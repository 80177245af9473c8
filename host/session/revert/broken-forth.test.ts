import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { MessageID, SessionID } from '#shared/ids.ts';
import { type Host, openHost } from '../../host.ts';
import type { Ports } from '../../ports/ports.ts';
import { openTestHost, type TestHost } from '../../testing/test-host.ts';
import { openSessionStore } from '../testing/open-store.ts';

// Bringing back what was taken back, and the end of a process in the middle of it (RT-21).

const rename = 'rename greet to welcome';
const messageID = 'msg_rename' as MessageID;

test('a process that ends between two files that are brought back has them all at its next start (RT-21)', async () => {
  const disk = stoppingDisk();
  await using rig = await openTestHost({ ports: disk.ports });
  const { session } = await rig.run(rename, { messageID });
  await rig.host.sessions.revert(session.id, messageID);
  disk.stop();
  const bringing = rig.host.sessions.unrevert(session.id);
  await disk.reached;
  // What the end of the process would leave: one file is back, the other is not.
  expect(await textsOf(rig)).toEqual(['function welcome(', 'greet(']);
  await using next = await afterCrash(rig);
  await next.sessions.awaitIdle(session.id);
  expect(await settled(next, session.id)).toBeUndefined();
  expect(await textsOf(rig)).toEqual(['function welcome(', 'welcome(']);
  expect(next.notices()).toEqual([]);
  disk.goOn();
  await bringing.catch(() => undefined);
});

test('a file that was changed after bringing back broke off is left, and named (RT-21)', async () => {
  await using rig = await openTestHost();
  const id = await brokenOff(rig);
  await writeFile(join(rig.workspace, 'main.ts'), '// mine\n');
  await rig.reopen();
  await rig.event('notice.raised');
  const code = 'unrevert.broken-off';
  expect(rig.host.notices()).toMatchObject([{ code, data: { '0': join(rig.workspace, 'main.ts') } }]);
  expect(await rig.text('main.ts')).toBe('// mine\n');
  expect(await rig.text('greet.ts')).toContain('function welcome(');
  expect((await rig.view(id)).session.revert).toBeUndefined();
});

test('what was to be overwritten by bringing back still is after a crash, as it was asked for (RT-21)', async () => {
  const disk = stoppingDisk();
  await using rig = await openTestHost({ ports: disk.ports });
  const { session } = await rig.run(rename, { messageID });
  await rig.host.sessions.revert(session.id, messageID);
  await writeFile(join(rig.workspace, 'main.ts'), '// mine\n');
  disk.stop();
  const bringing = rig.host.sessions.unrevert(session.id, { overwrite: true });
  await disk.reached;
  await using next = await afterCrash(rig);
  expect(await settled(next, session.id)).toBeUndefined();
  expect(await textsOf(rig)).toEqual(['function welcome(', 'welcome(']);
  disk.goOn();
  await bringing.catch(() => undefined);
});

test('where bringing back fails the files are put back, and the session is taken back as before (RT-21)', async () => {
  const disk = stoppingDisk();
  await using rig = await openTestHost({ ports: disk.ports });
  const { session } = await rig.run(rename, { messageID });
  await rig.host.sessions.revert(session.id, messageID);
  const before = (await rig.view(session.id)).session.revert;
  disk.fail();
  await expect(rig.host.sessions.unrevert(session.id)).rejects.toThrow('the disk is gone');
  expect(await textsOf(rig)).toEqual(['function greet(', 'greet(']);
  expect((await rig.view(session.id)).session.revert).toEqual(before);
  disk.goOn();
  expect(await rig.host.sessions.unrevert(session.id)).toMatchObject({ type: 'unreverted', left: [] });
  expect(await textsOf(rig)).toEqual(['function welcome(', 'welcome(']);
});

test('while it is half brought back nothing runs, and a revert takes all of it back again (RT-21)', async () => {
  const disk = stoppingDisk();
  await using rig = await openTestHost({ ports: disk.ports });
  const id = await brokenOff(rig);
  disk.fail();
  await rig.reopen();
  await rig.prompt('say something', { sessionID: id });
  expect(await rig.host.sessions.awaitIdle(id)).toMatchObject({
    type: 'failed',
    error: { code: 'revert.unfinished' },
  });
  expect((await rig.view(id)).session.revert).toMatchObject({ unfinished: 'unrevert' });
  disk.goOn();
  expect(await rig.host.sessions.revert(id, messageID)).toMatchObject({ type: 'reverted', left: [] });
  expect(await textsOf(rig)).toEqual(['function greet(', 'greet(']);
  expect((await rig.view(id)).session.revert).toEqual({ messageID, messages: 5, files: 2 });
});

/** What stands in the two files of the sample that the session renames in. */
async function textsOf(rig: TestHost): Promise<readonly (string | undefined)[]> {
  const [greet, main] = await Promise.all(['greet.ts', 'main.ts'].map(rig.text));
  return [/function (?:greet|welcome)\(/.exec(greet ?? '')?.[0], /(?:greet|welcome)\(/.exec(main ?? '')?.[0]];
}

/** A session's revert once nothing of it is on its way any more. */
async function settled(host: Host, id: SessionID) {
  await expect.poll(async () => (await host.sessions.get(id))?.revert?.unfinished).toBeUndefined();
  return (await host.sessions.get(id))?.revert;
}

/** A host on what is on the disk at this moment: the one that runs is as if it had been killed. */
async function afterCrash(rig: TestHost): Promise<Host> {
  const [from, storage] = ['storage', 'after'].map((name) => join(rig.workspace, '..', name));
  if (!from || !storage) throw new Error('Two folders');
  await cp(from, storage, { recursive: true, filter: (path) => !/LOCK[^/]*$/.test(path) });
  const { signal } = new AbortController();
  return openHost({ ports: rig.ports, storage, ownership: 'refuse', version: 'test', signal });
}

/** Leaves what the end of a process leaves after the first of two files: that one forth, and the mark. */
async function brokenOff(rig: TestHost): Promise<SessionID> {
  const { session } = await rig.run(rename, { messageID });
  const greet = join(rig.workspace, 'greet.ts');
  const written = await readFile(greet);
  await rig.host.sessions.revert(session.id, messageID);
  await rig.host[Symbol.asyncDispose]();
  await writeFile(greet, written);
  await using store = await openSessionStore(join(rig.workspace, '../storage/store'));
  const files = (await store.read('session.revert-files', session.id)) ?? [];
  await store.commit([{ type: 'session.unrevert.began', sessionID: session.id, files, time: 1 }]);
  return session.id;
}

/** A disk whose writes to the second file wait, or fail in a way that nobody expects, until it goes on. */
function stoppingDisk() {
  const [reached, opened] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let state: 'fine' | 'stopped' | 'failing' = 'fine';
  const ports = (all: Ports): Ports => ({
    ...all,
    files: {
      ...all.files,
      replace: async (path, ...rest) => {
        const isStopped = path.endsWith('main.ts') && state === 'stopped';
        if (path.endsWith('main.ts') && state === 'failing') throw new Error('the disk is gone');
        if (isStopped) {
          // Whoever comes after the crash has a disk of its own.
          state = 'fine';
          reached.resolve();
          await opened.promise;
        }
        return all.files.replace(path, ...rest);
      },
    },
  });
  return {
    ports,
    reached: reached.promise,
    stop: () => {
      state = 'stopped';
    },
    fail: () => {
      state = 'failing';
    },
    goOn: () => {
      state = 'fine';
      opened.resolve();
    },
  };
}
