import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { MessageID } from '#shared/ids.ts';
import type { MessageWithParts } from '#shared/session.ts';
import { openTestHost } from '../../testing/test-host.ts';
import { readHistory } from '../history/read-history.ts';
import { openSessionStore } from '../testing/open-store.ts';

// What the store makes of history while a part of it, with a fold in it, is taken back (RT-07, RT-21).

const read = { tool: 'read', input: { filePath: 'greet.ts' } };
const little = { usage: { input: 3_000, output: 10 } };
const script = {
  model: 'scripted',
  turns: [
    { when: { tools: false, user: 'write the summary' }, reply: [{ text: 'SUMMARY' }] },
    { when: { user: 'fill it', step: 0 }, reply: [read, { usage: { input: 125_000, output: 100 } }] },
    { reply: [{ text: 'Answer.' }, little] },
  ],
};

const texts = (history: readonly MessageWithParts[]) =>
  history.map(({ parts }) => parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join());

test('a fold that is taken back holds no more, from then on and until it is brought back (RT-07, RT-21)', async () => {
  const messageID = 'msg_fill' as MessageID;
  await using rig = await openTestHost({ script });
  const { session } = await rig.run('an older prompt');
  const { id } = session;
  await rig.run('fill it', { sessionID: id, messageID });
  const stored = async () => {
    await rig.host[Symbol.asyncDispose]();
    await using store = await openSessionStore(join(rig.workspace, '../storage/store'));
    const [history, boundary] = await Promise.all([
      readHistory(store, id),
      store.read('session.boundary', id),
    ]);
    const { fill, justFolded } = boundary;
    return { history: texts(history), fill, justFolded };
  };
  const folded = { history: ['SUMMARY', 'fill it', '', 'Answer.'], fill: 3_010, justFolded: true };
  expect(await stored()).toEqual(folded);
  await rig.reopen();
  await rig.host.sessions.revert(id, messageID);
  const before = { history: ['an older prompt', 'Answer.'], fill: 3_010, justFolded: false };
  expect(await stored()).toEqual(before);
  await rig.reopen();
  await rig.host.sessions.unrevert(id);
  expect(await stored()).toEqual(folded);
});
