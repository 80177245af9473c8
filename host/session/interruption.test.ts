import { expect, test } from 'vitest';
import type { SessionView } from '#shared/fold.ts';
import type { SessionID } from '#shared/ids.ts';
import { lastTurn, toolsOf } from '../testing/read-view.ts';
import { openTestHost } from '../testing/test-host.ts';

const read = { tool: 'read', input: { filePath: 'greet.ts' } };
const script = {
  model: 'scripted',
  turns: [
    { when: { tools: false, user: 'write the summary' }, reply: [{ text: 'SUMMARY', chunks: 2 }] },
    {
      when: { user: 'fill it', step: 0 },
      reply: [{ text: 'Reading.' }, read, { usage: { input: 125_000, output: 9 } }],
    },
    { reply: [{ text: 'Done.', chunks: 2 }, { usage: { input: 900, output: 9 } }] },
  ],
};

/** Calls `step` when a function of the object is called, and when what it promised has come. */
function stepping<T extends object>(target: T, step: () => void): T {
  return new Proxy(target, {
    get(object, key) {
      const value: unknown = Reflect.get(object, key);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        step();
        const result: unknown = Reflect.apply(value, object, args);
        return result instanceof Promise ? result.finally(step) : result;
      };
    },
  });
}

const promptsOf = ({ messages, inbox }: SessionView) => [
  ...messages.flatMap(({ info, parts }) =>
    info.role === 'user' ? parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])) : [],
  ),
  ...inbox.map(({ text }) => text),
];

const isSettled = (view: SessionView) =>
  view.messages.every(({ info }) => info.role === 'user' || info.time.completed !== undefined) &&
  toolsOf(view).every(({ state }) => state.status === 'completed' || state.status === 'error');

// The run reads, calls a tool, is folded and answers; it is stopped at each of its steps in turn: whenever it asks the
// world for something, gets it, or makes something known.
test('Stop at any step of a run leaves nothing open and no prompt lost, and the next one goes on (RT-09, RT-12)', async () => {
  let steps = 0;
  let stopAt = Number.POSITIVE_INFINITY;
  let current: SessionID | undefined;
  let stopping: Promise<void> | undefined;
  let isNew = true;
  const step = () => {
    // What happens without an await in between is one step.
    if (!isNew) return;
    isNew = false;
    queueMicrotask(() => {
      isNew = true;
    });
    steps++;
    if (steps === stopAt && current) stopping = rig.host.sessions.interrupt(current);
  };
  await using rig = await openTestHost({
    script,
    ports: (ports) => ({
      ...ports,
      ids: stepping(ports.ids, step),
      clock: { ...ports.clock, now: stepping(ports.clock, step).now },
      textFiles: stepping(ports.textFiles, step),
    }),
  });
  using _events = rig.host.subscribe(step);
  let stopped = 0;
  for (let n = 1, last = n; n <= last; n++) {
    const { session } = await rig.run('an older prompt');
    const sessionID = session.id;
    [steps, stopAt, current] = [0, n, sessionID];
    await rig.prompt('fill it', { sessionID });
    await rig.host.sessions.awaitIdle(sessionID);
    await stopping;
    // A run that is stopped has fewer steps than one that is not.
    last = Math.max(last, steps);
    stopAt = Number.POSITIVE_INFINITY;
    const view = await rig.view(sessionID);
    expect(isSettled(view), `open after a stop at step ${n}`).toBe(true);
    expect(promptsOf(view), `prompts after a stop at step ${n}`).toEqual(['an older prompt', 'fill it']);
    if (lastTurn(view).finish !== 'stop') stopped++;
    const next = await rig.run('go on', { sessionID });
    expect(lastTurn(next), `the run after a stop at step ${n}`).toMatchObject({ finish: 'stop' });
    expect(promptsOf(next)).toEqual(['an older prompt', 'fill it', 'go on']);
  }
  expect(stopped).toBeGreaterThan(20);
}, 240_000);
