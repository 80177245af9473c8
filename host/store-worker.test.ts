import { expect, test } from 'vitest';
import { MessageID, PartID, PermissionID, SessionID } from '#shared/ids.ts';
import { permissionProjection } from './permission/permission-projection.ts';
import { sessionProjection } from './session/session-projection.ts';
import { MemoryDisk } from './store/testing/memory-disk.ts';
import { eager, openToy } from './store/testing/toy-engine.ts';

const projections = [sessionProjection, permissionProjection];
const sessionID = SessionID.make('ses_one');
const messageID = MessageID.make('msg_one');
const model = { providerID: 'p', modelID: 'm' };
const tokens = { input: 0, output: 0, reasoning: 0, cache: { read: 0, write: 0 } };
const long = (name: string): string => `a long ${name}, `.repeat(400);
const prompt = {
  id: messageID,
  sessionID,
  text: long('prompt'),
  delivery: 'queue',
  agent: 'build',
  model,
  time: { created: 1 },
};
const text = { id: PartID.make('prt_one'), sessionID, messageID, type: 'text', text: long('prompt') };
const answerID = MessageID.make('msg_two');
const answer = {
  id: answerID,
  sessionID,
  role: 'assistant',
  parentID: messageID,
  modelID: 'm',
  providerID: 'p',
  agent: 'build',
  mode: 'build',
  path: { cwd: '/f', root: '/f' },
  cost: 0,
  tokens,
  time: { created: 2 },
};
const answered = {
  id: PartID.make('prt_two'),
  sessionID,
  messageID: answerID,
  type: 'text',
  text: long('answer'),
};
const request = {
  id: PermissionID.make('per_one'),
  sessionID,
  permission: 'edit',
  patterns: ['f.ts'],
  always: [],
  agent: 'build',
  subject: { type: 'edit', filePath: '/f/f.ts', diff: long('diff'), additions: 1, deletions: 1 },
  origin: { layer: 'defaults' },
  tool: { messageID: answerID, callID: 'call', name: 'edit' },
  time: { created: 3 },
};

const commits: readonly (readonly object[])[] = [
  [
    {
      type: 'session.created',
      info: {
        id: sessionID,
        directory: '/f',
        title: 'One',
        version: '0',
        cost: 0,
        tokens,
        time: { created: 0, updated: 0 },
      },
    },
  ],
  [{ type: 'session.input.admitted', prompt }],
  [
    {
      type: 'session.input.promoted',
      info: { id: messageID, sessionID, role: 'user', time: { created: 1 }, agent: 'build', model },
      part: text,
    },
    {
      type: 'session.epoch.started',
      sessionID,
      baseline: long('baseline'),
      snapshot: { files: long('snapshot') },
    },
  ],
  [{ type: 'session.turn.started', info: answer }],
  [{ type: 'session.part.kept', part: answered }],
  [
    {
      type: 'session.text.extended',
      sessionID,
      messageID: answerID,
      partID: answered.id,
      delta: long('delta'),
    },
  ],
  [{ type: 'permission.asked', request, project: 'f' }],
];

const questions = [
  ['session.history', sessionID],
  ['session.boundary', sessionID],
  ['session.input', messageID],
  ['permission.pending', sessionID],
] as const;

test('every long body of every room leaves the journal at a snapshot, and is read as before (decision 14)', () => {
  const disk = new MemoryDisk();
  const { engine, upkeep } = openToy(disk, { projections, policy: eager });
  for (const events of commits) {
    engine.stage({ time: 0, events: JSON.stringify(events) });
    expect(engine.flush()).toBeUndefined();
    engine.settle();
  }
  const before = questions.map(([name, args]) => engine.read(name, args));
  for (const name of ['prompt', 'answer', 'delta', 'baseline', 'snapshot', 'diff']) {
    expect(JSON.stringify(before)).toContain(long(name));
  }
  expect(upkeep()).toBeUndefined();
  expect(disk.list('bodies')).toEqual(['ses_one.log']);
  const snapshot = disk.list('.').find((name) => name.endsWith('.bin')) ?? '';
  expect(Buffer.from(disk.read(snapshot)).includes('a long ')).toBe(false);
  expect(questions.map(([name, args]) => engine.read(name, args))).toEqual(before);
  const again = openToy(disk, { projections });
  expect(questions.map(([name, args]) => again.engine.read(name, args))).toEqual(before);
});
