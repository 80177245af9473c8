import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { MessageID, SessionID } from '#shared/ids.ts';
import type { Ports } from '../../ports/ports.ts';
import { openTestHost, type TestHost } from '../../testing/test-host.ts';
import { openSessionStore } from '../testing/open-store.ts';

// A revert that the end of the process broke off, and a host that closes while one is under way (RT-21).

const rename = 'rename greet to welcome';

test('a host that closes while files are taken back waits until all are (RT-21)', async () => {
  const held = heldDisk();
  await using rig = await openTestHost({ ports: held.ports });
  const messageID = 'msg_rename' as MessageID;
  const { session } = await rig.run(rename, { messageID });
  held.close();
  const reverting = rig.host.sessions.revert(session.id, messageID);
  await held.reached;
  const closing = rig.reopen();
  held.open();
  expect(await reverting).toMatchObject({ type: 'reverted' });
  await closing;
  expect(await rig.text('main.ts')).not.toContain('welcome(');
  expect((await rig.view(session.id)).session.revert).toEqual({ messageID, messages: 5, files: 2 });
});

test('a revert that was broken off is finished at the next opening, and only then made final (RT-21)', async () => {
  await using rig = await openTestHost();
  const { id, messageID } = await brokenOff(rig);
  await rig.reopen();
  await rig.run('say something', { sessionID: id });
  expect(await rig.text('greet.ts')).toContain('function greet(');
  expect(await rig.text('main.ts')).not.toContain('welcome(');
  const view = await rig.view(id);
  expect(view.session.revert).toBeUndefined();
  expect(view.messages.map(({ info }) => info.id)).not.toContain(messageID);
  expect(rig.host.notices()).toEqual([]);
});

test('a file that was changed after a revert broke off is left, and named (RT-21)', async () => {
  await using rig = await openTestHost();
  const { id } = await brokenOff(rig);
  await writeFile(join(rig.workspace, 'main.ts'), '// mine\n');
  await rig.reopen();
  await rig.event('notice.raised');
  const code = 'revert.broken-off';
  expect(rig.host.notices()).toMatchObject([{ code, data: { '0': join(rig.workspace, 'main.ts') } }]);
  expect(await rig.text('main.ts')).toBe('// mine\n');
  expect(await rig.text('greet.ts')).toContain('function greet(');
  expect((await rig.view(id)).session.revert).not.toHaveProperty('unfinished');
});

test('a revert that cannot be finished is not made final by a prompt, and can be brought back (RT-21)', async () => {
  const disk = failingDisk();
  await using rig = await openTestHost({ ports: disk.ports });
  const { id, messageID } = await brokenOff(rig);
  disk.fail();
  await rig.reopen();
  const waiting = await rig.prompt('say something', { sessionID: id });
  expect(await rig.host.sessions.awaitIdle(id)).toMatchObject({
    type: 'failed',
    error: { code: 'revert.unfinished' },
  });
  const view = await rig.view(id);
  expect(view.session.revert).toMatchObject({ messageID, unfinished: true });
  expect(view.inbox).toEqual([waiting]);
  disk.mend();
  expect(await rig.host.sessions.unrevert(id)).toMatchObject({ type: 'unreverted', left: [] });
  expect(await rig.text('greet.ts')).toContain('function welcome(');
  expect(await rig.text('main.ts')).toContain('welcome(');
});

/** Leaves what the end of a process leaves after the first of two files: that one back, and the mark. */
async function brokenOff(rig: TestHost): Promise<{ id: SessionID; messageID: MessageID }> {
  const messageID = 'msg_rename' as MessageID;
  const { session } = await rig.run(rename, { messageID });
  const main = join(rig.workspace, 'main.ts');
  const written = await readFile(main);
  await rig.host.sessions.revert(session.id, messageID);
  await rig.host[Symbol.asyncDispose]();
  await writeFile(main, written);
  await using store = await openSessionStore(join(rig.workspace, '../storage/store'));
  const files = (await store.read('session.revert-files', session.id)) ?? [];
  const fact = { type: 'session.reverted', sessionID: session.id, messageID, files, time: 1 } as const;
  await store.commit([{ ...fact, unfinished: true }]);
  return { id: session.id, messageID };
}

/** A disk whose second file waits, once it is closed, until it is opened. */
function heldDisk() {
  const [reached, opened] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let closed = false;
  const ports = (all: Ports): Ports => ({
    ...all,
    files: {
      ...all.files,
      replace: async (path, ...rest) => {
        if (closed && path.endsWith('main.ts')) {
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
    close: () => {
      closed = true;
    },
    open: opened.resolve,
  };
}

/** A disk whose writes fail in a way that nobody expects, for a while. */
function failingDisk() {
  let failing = false;
  return {
    ports: (all: Ports): Ports => ({
      ...all,
      files: {
        ...all.files,
        replace: async (path, ...rest) => {
          if (failing && path.endsWith('main.ts')) throw new Error('the disk is gone');
          return all.files.replace(path, ...rest);
        },
      },
    }),
    fail: () => {
      failing = true;
    },
    mend: () => {
      failing = false;
    },
  };
}
