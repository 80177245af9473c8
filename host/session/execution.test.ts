import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SessionView } from '#shared/fold.ts';
import type { Delivery } from '#shared/session.ts';
import { bodyOf, lastTurn, statesOf, toolsOf } from '../testing/read-view.ts';
import { foldedFrom, openTestHost, scripted } from '../testing/test-host.ts';

// What a drain holds to, whatever comes in between.

const read = { tool: 'read', input: { filePath: 'greet.ts' } };
const little = { usage: { input: 900, output: 9 } };
const answered = { reply: [{ text: 'Answer.' }, little] };
const summed = { when: { tools: false, user: 'write the summary' }, reply: [{ text: 'SUMMARY' }] };

const promptsOf = ({ messages }: SessionView) =>
  messages.flatMap(({ info, parts }) =>
    info.role === 'user' ? parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])) : [],
  );

test('a batch of prompts gives the turns a new allowance, once (RT-14)', async () => {
  const script = {
    model: 'scripted',
    turns: [
      { when: { user: 'work', step: 0 }, reply: [read] },
      { when: { user: 'work', step: 1 }, reply: [{ gate: 'steer' }, read] },
      { reply: [read] },
    ],
  };
  await using rig = await openTestHost({ script, config: { agent: { short: { steps: 3 } } } });
  const { sessionID } = await rig.prompt('work', { agent: 'short' });
  await rig.server.reached('steer');
  await rig.prompt('this', { sessionID, agent: 'short' });
  await rig.prompt('and that', { sessionID, agent: 'short' });
  rig.server.open('steer');
  await rig.host.sessions.awaitIdle(sessionID);
  const view = await rig.view(sessionID);
  expect(lastTurn(view).error?.data.code).toBe('steps');
  expect(rig.server.requests).toHaveLength(2 + 3);
});

test('a call that waits is done with the rights of its own turn after the agent was switched (TL-06, RT-22)', async () => {
  await using rig = await openTestHost({ config: { permission: { edit: 'ask' } } });
  const { sessionID } = await rig.prompt('rename greet to welcome');
  const request = await rig.asked();
  const epoch = bodyOf(rig.server.requests.at(-1)).messages?.[0];
  await rig.host.sessions.switchTo(sessionID, { agent: 'plan', model: scripted });
  await rig.host.sessions.reply(request.id, { type: 'once' });
  await rig.host.sessions.awaitIdle(sessionID);
  const view = await rig.view(sessionID);
  expect(statesOf(view)[2]).toBe('edit completed');
  expect(lastTurn(view)).toMatchObject({ agent: 'plan' });
  const last = bodyOf(rig.server.requests.at(-1));
  expect(last.messages?.[0]).toEqual(epoch);
  expect(last.tools?.map((tool) => tool.function.name)).not.toContain('edit');
});

test('sessions run side by side, each under its own id, on the services of their folder: built once for it (RT-18)', async () => {
  const held = (word: string) => ({ when: { user: word }, reply: [{ gate: word }, { text: word }] });
  const reads: string[] = [];
  await using rig = await openTestHost({
    script: { model: 'scripted', turns: ['one', 'two', 'three'].map(held) },
    ports: (ports) => ({
      ...ports,
      textFiles: {
        ...ports.textFiles,
        read: (path, most) => {
          if (path.endsWith('opencode.json')) reads.push(dirname(path));
          return ports.textFiles.read(path, most);
        },
      },
    }),
  });
  const other = join(rig.workspace, 'other');
  await mkdir(other);
  await writeFile(join(other, 'opencode.json'), '{}');
  const [one, two, three] = await Promise.all([
    rig.prompt('one'),
    rig.prompt('two'),
    rig.prompt('three', { directory: other }),
  ]);
  await Promise.all(['one', 'two', 'three'].map((word) => rig.server.reached(word)));
  await rig.host.sessions.interrupt(one.sessionID);
  for (const word of ['one', 'two', 'three']) rig.server.open(word);
  const finishes = [one, two, three].map(async ({ sessionID }) => {
    await rig.host.sessions.awaitIdle(sessionID);
    const { finish, error } = lastTurn(await rig.view(sessionID));
    return error?.data.code ?? finish;
  });
  expect(await Promise.all(finishes)).toEqual(['interrupted', 'stop', 'stop']);
  expect(reads.filter((folder) => folder === rig.workspace)).toHaveLength(1);
  expect(reads.filter((folder) => folder === other)).toHaveLength(1);
});

test('a drain that fails is told, closes its turn, and the next prompt is run', async () => {
  let broken = false;
  await using rig = await openTestHost({
    script: {
      model: 'scripted',
      turns: [{ when: { user: 'work', step: 0 }, reply: [{ gate: 'call' }, read] }, answered],
    },
    ports: (ports) => ({
      ...ports,
      textFiles: {
        ...ports.textFiles,
        stamp: async (path) => {
          if (broken) throw new Error('the disk is gone');
          return ports.textFiles.stamp(path);
        },
      },
    }),
  });
  const { sessionID } = await rig.prompt('work');
  await rig.server.reached('call');
  broken = true;
  rig.server.open('call');
  const outcome = await rig.host.sessions.awaitIdle(sessionID);
  expect(outcome).toMatchObject({ type: 'failed', error: { message: 'the disk is gone' } });
  expect(rig.host.notices()).toMatchObject([{ code: 'drain.failed', data: { '0': 'the disk is gone' } }]);
  const failed = await rig.view(sessionID);
  expect(failed.messages.every(({ info }) => info.role === 'user' || info.time.completed)).toBe(true);
  broken = false;
  expect(lastTurn(await rig.run('go on', { sessionID })).finish).toBe('stop');
});

test('old outputs leave history before it is folded, and where that is enough it is not folded (TL-20)', async () => {
  const names = [1, 2, 3, 4, 5, 6].map((number) => `big${number}.txt`);
  const script = {
    model: 'scripted',
    turns: [
      summed,
      {
        when: { user: 'read them', step: 0 },
        reply: [
          ...names.map((filePath) => ({ tool: 'read', input: { filePath } })),
          { usage: { input: 121_000, output: 100 } },
        ],
      },
      answered,
    ],
  };
  await using rig = await openTestHost({ script });
  const page = `${'twenty letters a line'.padEnd(24)}\n`.repeat(1_600);
  await Promise.all(names.map((name) => writeFile(join(rig.workspace, name), page)));
  const view = await rig.run('read them');
  expect(rig.server.requests.map(({ hasTools }) => hasTools)).toEqual([true, true]);
  const results = bodyOf(rig.server.requests[1]).messages?.filter(({ role }) => role === 'tool') ?? [];
  const removed = results.map(({ content }) => String(content).startsWith('This output was removed'));
  expect(removed).toEqual([true, true, false, false, false, false]);
  const compacted = toolsOf(view).map(({ state }) => state.status === 'completed' && state.time.compacted);
  expect(compacted.map(Boolean)).toEqual(removed);
  // The store keeps what the conversation shows.
  expect(toolsOf(view)[0]?.state).toMatchObject({ output: expect.stringContaining('twenty letters') });
  await expect.poll(() => foldedFrom(view, rig.events).messages).toEqual(view.messages);
});

test('whatever comes in between, each prompt is promoted exactly once (RT-02, RT-10, RT-11)', async () => {
  const turns = [
    summed,
    { when: { user: 'work', step: 0 }, reply: [read, little] },
    { when: { user: 'full', step: 0 }, reply: [read, { usage: { input: 125_000, output: 9 } }] },
    answered,
  ];
  await using rig = await openTestHost({ script: { model: 'scripted', turns } });
  const { sessions } = rig.host;
  const act = fc.constantFrom(
    'work steer',
    'work queue',
    'full steer',
    'stop',
    'go on',
    'fold',
    'wait',
    'later',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 2, maxLength: 9 }), async (acts) => {
      const { sessionID } = await rig.prompt('first', { resume: false });
      const texts = ['first'];
      const under: Promise<unknown>[] = [];
      for (const [index, each] of acts.entries()) {
        const [word = '', delivery] = each.split(' ');
        if (each === 'stop') under.push(sessions.interrupt(sessionID));
        else if (each === 'go on') sessions.goOn(sessionID);
        else if (each === 'fold') under.push(sessions.compact(sessionID).catch(() => undefined));
        else if (each === 'wait') await rig.server.requests.at(-1)?.done;
        else {
          const text = `${word} ${index}`;
          texts.push(text);
          const more = { delivery: (delivery ?? 'queue') as Delivery, resume: word !== 'later' };
          under.push(rig.prompt(text, { sessionID, ...more }));
        }
      }
      await Promise.all(under);
      await sessions.awaitIdle(sessionID);
      sessions.goOn(sessionID);
      await sessions.awaitIdle(sessionID);
      const view = await rig.view(sessionID);
      expect(view.inbox).toEqual([]);
      expect(promptsOf(view).toSorted()).toEqual(texts.toSorted());
      expect(view.messages.every(({ info }) => info.role === 'user' || info.time.completed)).toBe(true);
    }),
    { numRuns: 25 },
  );
}, 120_000);
