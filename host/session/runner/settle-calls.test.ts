import { expect, test } from 'vitest';
import type { MessageID, PartID, SessionID } from '#shared/ids.ts';
import type { ToolPart } from '#shared/part.ts';
import { nodeClock } from '../../node/clock.ts';
import { createIds } from '../../node/ids.ts';
import { createLog } from '../../node/log.ts';
import { createPermissions } from '../../permission/permissions.ts';
import { call as settledCall } from '../../testing/history.ts';
import type { ToolRegistry } from '../../tool/registry.ts';
import { createTraces } from '../../trace/traces.ts';
import { createLiveParts } from '../live-parts.ts';
import type { SessionEvent } from '../session-events.ts';
import { openSessionStore } from '../testing/open-store.ts';
import type { OpenTurn } from './next-step.ts';
import { createPinnedRules } from './pinned-rules.ts';
import { type SettleWorld, settleCalls } from './settle-calls.ts';

const pending = (name: string): ToolPart => ({
  id: `prt_${name}` as PartID,
  sessionID: 'ses_a' as SessionID,
  messageID: 'turn' as MessageID,
  type: 'tool',
  callID: name,
  tool: name,
  state: { status: 'pending', input: {}, raw: '' },
});

/** `long` runs until it is ended, `short` begins when `long` runs. */
function twoTools() {
  const running = Promise.withResolvers<void>();
  const ended: string[] = [];
  const settle: ToolRegistry['settle'] = async ({ name }, { signal, onStarted }) => {
    const time = { start: 1, end: 2 };
    const title = name;
    if (name === 'short') await running.promise;
    await onStarted?.({ status: 'running', input: {}, title, time });
    const aborted = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => aborted.resolve(), { once: true });
    running.resolve();
    await aborted.promise;
    ended.push(name);
    return { status: 'error', input: {}, error: 'ended', failure: 'interrupted', time };
  };
  return { ended, tools: { definitions: () => [], hasEffects: () => true, settle } };
}

test('a call that cannot be begun ends those beside it, and none runs on without an owner (RT-09, RT-12)', async () => {
  await using store = await openSessionStore();
  const log = createLog({ write: () => undefined, level: 'error', now: () => 0 });
  const kept: SessionEvent[] = [];
  const full = new Error('The disk is full.');
  const { ended, tools } = twoTools();
  const world: SettleWorld = {
    tools,
    permissions: createPermissions({ store, clock: nodeClock, ids: createIds() }),
    pinned: createPinnedRules(),
    live: createLiveParts(() => undefined),
    clock: nodeClock,
    traces: createTraces({
      clock: nodeClock,
      log,
      files: { keep: async () => undefined, load: async () => undefined, forget: async () => undefined },
    }),
    carry: (facts) => void kept.push(...facts),
    keep: (facts) => void kept.push(...facts),
    commit: async (facts) => {
      if (facts.some((fact) => fact.type === 'session.tool.started' && fact.part.callID === 'short'))
        throw full;
    },
  };
  const turn = { ...settledCall('turn'), parts: [pending('long'), pending('short')] } as OpenTurn;
  const signal = new AbortController().signal;
  await expect(settleCalls(turn, { layers: [], resumed: false, signal }, world)).rejects.toBe(full);
  expect(ended).toEqual(['long']);
  expect(kept).toMatchObject([
    { type: 'session.tool.settled', part: { callID: 'long', state: { failure: 'interrupted' } } },
  ]);
});
