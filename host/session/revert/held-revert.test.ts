import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { MessageID, SessionID } from '#shared/ids.ts';
import type { Ports } from '../../ports/ports.ts';
import { openTestHost, type TestHost } from '../../testing/test-host.ts';
import { openSessionStore } from '../testing/open-store.ts';

// What the end of a process left half taken back, or half brought back, in a folder that is not trusted (RT-21, QA-02).

const messageID = 'msg_rename' as MessageID;

test.for(['back', 'forth'] as const)(
  'what was broken off on its way %s waits for trust in its folder, is told, and is finished then (RT-21, QA-02)',
  async (way) => {
    const trust = switchedTrust();
    await using rig = await openTestHost({ ports: trust.ports });
    const id = await brokenOff(rig, way);
    const stood = await textsOf(rig);
    trust.withhold();
    await rig.reopen();
    await rig.reopen();
    expect(await textsOf(rig)).toEqual(stood);
    expect(rig.host.notices()).toMatchObject([{ code: 'revert.held', level: 'warning' }]);
    expect((await rig.view(id)).session.revert).toMatchObject({ messageID, unfinished: expect.anything() });
    trust.grant();
    await rig.event('notice.cleared');
    expect(await textsOf(rig)).toEqual(way === 'back' ? original : renamed);
    expect((await rig.view(id)).session.revert?.unfinished).toBeUndefined();
    expect(rig.host.notices()).toEqual([]);
  },
);

test.for(['back', 'forth'] as const)(
  'without trust the user’s own word brings files back, after being broken off on the way %s (RT-21)',
  async (way) => {
    const trust = switchedTrust();
    await using rig = await openTestHost({ ports: trust.ports });
    const id = await brokenOff(rig, way);
    trust.withhold();
    await rig.reopen();
    expect(await rig.host.sessions.unrevert(id)).toMatchObject({ type: 'unreverted', left: [] });
    expect(await textsOf(rig)).toEqual(renamed);
    expect((await rig.view(id)).session.revert).toBeUndefined();
    expect(rig.host.notices()).toEqual([]);
  },
);

test.for(['back', 'forth'] as const)(
  'without trust the user’s own word takes files back, after being broken off on the way %s (RT-21)',
  async (way) => {
    const trust = switchedTrust();
    await using rig = await openTestHost({ ports: trust.ports });
    const id = await brokenOff(rig, way);
    trust.withhold();
    await rig.reopen();
    expect(await rig.host.sessions.revert(id, messageID)).toMatchObject({ type: 'reverted', left: [] });
    expect(await textsOf(rig)).toEqual(original);
    expect((await rig.view(id)).session.revert).toEqual({ messageID, messages: 5, files: 2 });
    await rig.host.sessions.unrevert(id);
    expect(await textsOf(rig)).toEqual(renamed);
    expect(rig.host.notices()).toEqual([]);
  },
);

test('to go back in the conversation only touches no file that was broken off (RT-21)', async () => {
  const trust = switchedTrust();
  await using rig = await openTestHost({ ports: trust.ports });
  const id = await brokenOff(rig, 'back');
  const stood = await textsOf(rig);
  trust.withhold();
  await rig.reopen();
  const only = { conversationOnly: true };
  expect(await rig.host.sessions.revert(id, messageID, only)).toMatchObject({ type: 'reverted', files: [] });
  expect(await textsOf(rig)).toEqual(stood);
  expect(await rig.host.sessions.unrevert(id)).toMatchObject({ type: 'unreverted' });
  expect(await textsOf(rig)).toEqual(renamed);
});

const original = ['function greet(', 'greet('];
const renamed = ['function welcome(', 'welcome('];

/** What stands in the two files of the sample that the session renames in. */
async function textsOf(rig: TestHost): Promise<readonly (string | undefined)[]> {
  const [greet, main] = await Promise.all(['greet.ts', 'main.ts'].map(rig.text));
  return [/function (?:greet|welcome)\(/.exec(greet ?? '')?.[0], /(?:greet|welcome)\(/.exec(main ?? '')?.[0]];
}

/** Leaves what the end of a process leaves after the first of two files, and the mark. */
async function brokenOff(rig: TestHost, way: 'back' | 'forth'): Promise<SessionID> {
  const { session } = await rig.run('rename greet to welcome', { messageID });
  const sessionID = session.id;
  const left = join(rig.workspace, way === 'back' ? 'main.ts' : 'greet.ts');
  const written = await readFile(left);
  await rig.host.sessions.revert(sessionID, messageID);
  await rig.host[Symbol.asyncDispose]();
  await writeFile(left, written);
  await using store = await openSessionStore(join(rig.workspace, '../storage/store'));
  const files = (await store.read('session.revert-files', sessionID)) ?? [];
  const facts = { sessionID, files, time: 1 };
  await store.commit([
    way === 'back'
      ? { type: 'session.reverted', messageID, unfinished: true, ...facts }
      : { type: 'session.unrevert.began', ...facts },
  ]);
  return sessionID;
}

/** A folder that is trusted until it is not, and again. */
function switchedTrust() {
  let trusted = true;
  const listeners = new Set<() => void>();
  const trust: Ports['trust'] = {
    isTrusted: () => trusted,
    onGranted(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
  return {
    ports: (all: Ports): Ports => ({ ...all, trust }),
    withhold: () => {
      trusted = false;
    },
    grant: () => {
      trusted = true;
      for (const listener of listeners) listener();
    },
  };
}
