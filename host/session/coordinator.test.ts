import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SessionID } from '#shared/ids.ts';
import { type Coordinator, createCoordinator, type DrainOutcome } from './coordinator.ts';

const a = 'ses_a' as SessionID;
const b = 'ses_b' as SessionID;

/** A coordinator whose drains wait at gates, and what it reported. */
function gated() {
  const starts: SessionID[] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const outcomes: string[] = [];
  const coordinator: Coordinator = createCoordinator({
    drain: async (sessionID, signal) => {
      starts.push(sessionID);
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      signal.addEventListener('abort', () => gate.reject(signal.reason), { once: true });
      await gate.promise;
    },
    onBusy: (sessionID) => outcomes.push(`${sessionID} busy`),
    onIdle: (sessionID, outcome) => outcomes.push(`${sessionID} ${outcome.type}`),
  });
  return { coordinator, starts, gates, outcomes };
}

const turn = () => Promise.resolve().then(() => undefined);

test('wakes that come while a drain runs coalesce into one more drain (RT-11)', async () => {
  const { coordinator, starts, gates } = gated();
  coordinator.wake(a);
  await turn();
  coordinator.wake(a);
  coordinator.wake(a);
  coordinator.wake(a);
  expect(starts).toEqual([a]);
  const idle = coordinator.awaitIdle(a);
  gates[0]?.resolve();
  await expect.poll(() => starts.length).toBe(2);
  gates[1]?.resolve();
  expect(await idle).toEqual({ type: 'done' });
  expect(starts).toEqual([a, a]);
});

test('different sessions drain side by side (RT-11)', async () => {
  const { coordinator, starts } = gated();
  coordinator.wake(a);
  coordinator.wake(b);
  await turn();
  expect(starts).toEqual([a, b]);
  await coordinator.close();
});

test('interrupt ends the running drain and drops coalesced wakes (RT-09)', async () => {
  const { coordinator, starts, outcomes } = gated();
  coordinator.wake(a);
  await turn();
  coordinator.wake(a);
  await coordinator.interrupt(a);
  expect(coordinator.isBusy(a)).toBe(false);
  expect(starts).toHaveLength(1);
  expect(outcomes).toEqual(['ses_a busy', 'ses_a interrupted']);
});

test('interrupting an idle or unknown session does nothing (RT-09)', async () => {
  const { coordinator, outcomes } = gated();
  await coordinator.interrupt(a);
  expect(outcomes).toEqual([]);
  expect(await coordinator.awaitIdle(a)).toEqual({ type: 'done' });
});

test('a failed drain is reported with its error, and the session can be woken again', async () => {
  const { coordinator, gates, outcomes } = gated();
  coordinator.wake(a);
  await turn();
  const idle: Promise<DrainOutcome> = coordinator.awaitIdle(a);
  gates[0]?.reject(new Error('disk'));
  expect(await idle).toMatchObject({ type: 'failed', error: { message: 'disk' } });
  coordinator.wake(a);
  await turn();
  expect(outcomes).toEqual(['ses_a busy', 'ses_a failed', 'ses_a busy']);
  await coordinator.close();
});

test('close aborts every drain, waits for them, and ignores later wakes', async () => {
  const { coordinator, starts } = gated();
  coordinator.wake(a);
  coordinator.wake(b);
  await turn();
  await coordinator.close();
  coordinator.wake(a);
  expect(coordinator.isBusy(a)).toBe(false);
  expect(starts).toHaveLength(2);
});

test('a wake that comes while an interrupted drain settles begins another one, with a signal of its own', async () => {
  const settled = Promise.withResolvers<void>();
  const signals: AbortSignal[] = [];
  const coordinator = createCoordinator({
    drain: async (_, signal) => {
      signals.push(signal);
      if (signals.length > 1) return;
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      await settled.promise;
      signal.throwIfAborted();
    },
    onBusy: () => undefined,
    onIdle: () => undefined,
  });
  coordinator.wake(a);
  await turn();
  const interrupted = coordinator.interrupt(a);
  coordinator.wake(a);
  settled.resolve();
  await interrupted;
  expect(await coordinator.awaitIdle(a)).toEqual({ type: 'done' });
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
});

test('ten thousand wakes at one time make one drain, and while it runs one more (RT-11)', async () => {
  const { coordinator, starts, gates, outcomes } = gated();
  for (let count = 0; count < 10_000; count++) coordinator.wake(a);
  await turn();
  expect(starts).toEqual([a]);
  for (let count = 0; count < 10_000; count++) coordinator.wake(a);
  gates[0]?.resolve();
  await expect.poll(() => starts.length).toBe(2);
  gates[1]?.resolve();
  await coordinator.awaitIdle(a);
  expect(starts).toEqual([a, a]);
  expect(outcomes).toEqual(['ses_a busy', 'ses_a done']);
});

test('an interruption that comes before the drain has begun ends it, and a wake after that begins one (RT-09)', async () => {
  const { coordinator, starts, outcomes } = gated();
  coordinator.wake(a);
  await coordinator.interrupt(a);
  expect(starts).toEqual([]);
  expect(outcomes).toEqual(['ses_a busy', 'ses_a interrupted']);
  coordinator.wake(a);
  const interrupted = coordinator.interrupt(a);
  coordinator.wake(a);
  await interrupted;
  await turn();
  expect(starts).toEqual([a]);
  await coordinator.close();
});

test('whatever the order of wakes, interruptions and ends, one drain runs, and every wake is followed by one (RT-11)', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('wake', 'interrupt', 'end', 'turn'), { maxLength: 40 }),
      async (acts) => {
        const gates: PromiseWithResolvers<void>[] = [];
        let running = 0;
        let asked = false;
        const coordinator = createCoordinator({
          drain: async (_, signal) => {
            asked = false;
            expect(++running).toBe(1);
            const gate = Promise.withResolvers<void>();
            gates.push(gate);
            signal.addEventListener('abort', () => gate.reject(signal.reason), { once: true });
            try {
              signal.throwIfAborted();
              await gate.promise;
            } finally {
              running--;
            }
          },
          onBusy: () => undefined,
          onIdle: () => undefined,
        });
        const interruptions: Promise<void>[] = [];
        for (const act of acts) {
          if (act === 'wake') {
            coordinator.wake(a);
            asked = true;
          } else if (act === 'interrupt') {
            interruptions.push(coordinator.interrupt(a));
            asked = false;
          } else if (act === 'end') gates.at(-1)?.resolve();
          else await turn();
        }
        await Promise.all(interruptions);
        while (coordinator.isBusy(a)) {
          gates.at(-1)?.resolve();
          await turn();
        }
        expect([running, asked]).toEqual([0, false]);
      },
    ),
    { numRuns: 500 },
  );
});
