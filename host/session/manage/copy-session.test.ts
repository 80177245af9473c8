import { expect, test, vi } from 'vitest';
import type { MessageID, PartID, SessionID } from '#shared/ids.ts';
import { noTokens } from '#shared/message.ts';
import type { MessageWithParts, Session } from '#shared/session.ts';
import { openSessionStore } from '../testing/open-store.ts';
import { copyIn } from './copy-session.ts';

vi.setConfig({ testTimeout: 60_000 });

const sessionID = 'ses_copy' as SessionID;
const info: Session = {
  id: sessionID,
  directory: '/nowhere',
  title: 'A copy',
  version: 'test',
  cost: 0,
  tokens: noTokens,
  time: { created: 1, updated: 1 },
};

function prompt(index: number, text: string): MessageWithParts {
  const messageID = `msg_${index}` as MessageID;
  const model = { providerID: 'p', modelID: 'm' };
  return {
    info: { id: messageID, sessionID, role: 'user', time: { created: 1 }, agent: 'build', model },
    parts: [{ id: `prt_${index}` as PartID, sessionID, messageID, type: 'text', text }],
  };
}

test('a small session is copied in one commit, a large one in several (RT-19)', async () => {
  for (const [length, isOne] of [
    [10, true],
    [1_500_000, false],
  ] as const) {
    await using store = await openSessionStore();
    const commits: (readonly string[])[] = [];
    using _ = store.subscribe((committed) => commits.push(committed.map(({ event }) => event.type)));
    const messages = Array.from({ length: 6 }, (_, index) => prompt(index, 'x'.repeat(length)));
    await copyIn({ info, messages, compactions: [], inbox: [] }, { store, copying: new Set() });
    expect(commits.length === 1).toBe(isOne);
    expect(commits.flat().filter((type) => type === 'session.message.copied')).toHaveLength(6);
    expect(await store.read('session.messages', sessionID)).toEqual(messages);
    expect(await store.read('session.unfinished')).toEqual([]);
  }
});

test('while a large session is copied in, it is not among the others (RT-19)', async () => {
  await using store = await openSessionStore();
  const lists: Promise<readonly Session[]>[] = [];
  using _ = store.subscribe(() => lists.push(store.read('session.list')));
  const messages = Array.from({ length: 6 }, (_, index) => prompt(index, 'x'.repeat(1_500_000)));
  await copyIn({ info, messages, compactions: [], inbox: [] }, { store, copying: new Set() });
  const seen = await Promise.all(lists);
  expect(seen.length).toBeGreaterThan(2);
  expect(seen[0]).toEqual([]);
  expect(seen.at(-1)).toEqual([info]);
});

test('a message or part that another session has is never taken over (RT-19)', async () => {
  await using store = await openSessionStore();
  const own = [prompt(1, 'mine')];
  await copyIn({ info, messages: own, compactions: [], inbox: [] }, { store, copying: new Set() });
  const other = { ...info, id: 'ses_other' as SessionID };
  for (const id of ['msg_1', 'msg_2'] as MessageID[]) {
    const theirs = prompt(1, 'theirs');
    const taken = { info: { ...theirs.info, id }, parts: theirs.parts };
    await expect(
      copyIn({ info: other, messages: [taken], compactions: [], inbox: [] }, { store, copying: new Set() }),
    ).rejects.toMatchObject({
      code: 'store.conflict',
    });
  }
  expect(await store.read('session.messages', sessionID)).toEqual(own);
  expect(await store.read('session.get', other.id)).toBeUndefined();
});
