import { expect, test } from 'vitest';
import type { ViewEvent } from '#shared/events.ts';
import type { SessionView } from '#shared/fold.ts';
import type { SessionID } from '#shared/ids.ts';
import { ShownSession, type WatchHost } from './shown-session.ts';

const first = 'ses_1' as SessionID;
const second = 'ses_2' as SessionID;

function viewOf(id: SessionID): SessionView {
  const tokens = { input: 0, output: 0, reasoning: 0, cache: { read: 0, write: 0 } };
  const session = {
    ...{ id, directory: '/home/one', title: '', version: '1', cost: 0, tokens },
    time: { created: 0, updated: 0 },
  };
  return { session, status: { type: 'idle' }, inbox: [], messages: [], permissions: [] };
}

const busy = (sessionID: SessionID): ViewEvent => ({
  type: 'session.status',
  properties: { sessionID, status: { type: 'busy' } },
});

/** A host whose watches open when the test lets them. */
function rig() {
  const listeners = new Map<SessionID, (event: ViewEvent) => void>();
  const gates = new Map<SessionID, PromiseWithResolvers<void>>();
  const disposed: SessionID[] = [];
  const told: ViewEvent[] = [];
  const host: WatchHost = {
    sessions: {
      async watch(id, { listener }) {
        listeners.set(id, listener);
        await gates.get(id)?.promise;
        return { view: viewOf(id), hasOlder: false, [Symbol.dispose]: () => void disposed.push(id) };
      },
    },
  };
  const hold = (id: SessionID) => {
    const gate = Promise.withResolvers<void>();
    gates.set(id, gate);
    return gate;
  };
  const emit = (event: ViewEvent, to: SessionID) => listeners.get(to)?.(event);
  return { shown: new ShownSession((event) => told.push(event)), host, hold, emit, told, disposed };
}

test('the shown session goes on being followed when another cannot be opened', async () => {
  const { shown, host, hold, emit, told, disposed } = rig();
  await shown.open(first, host);
  const gate = hold(second);
  const opening = shown.open(second, host);
  gate.reject(new Error('gone'));
  await expect(opening).rejects.toThrow('gone');
  emit(busy(first), first);
  expect(shown.view).toMatchObject({ session: { id: first }, status: { type: 'busy' } });
  expect(told).toHaveLength(1);
  expect(disposed).toEqual([]);
});

test('the shown session is followed while another is being opened', async () => {
  const { shown, host, hold, emit } = rig();
  await shown.open(first, host);
  const gate = hold(second);
  const opening = shown.open(second, host);
  emit(busy(first), first);
  expect(shown.view?.status.type).toBe('busy');
  gate.resolve();
  await opening;
  expect(shown.view?.session.id).toBe(second);
});

test('events that come before the opening goes on are part of the view', async () => {
  const { shown, host, hold, emit, told } = rig();
  await shown.open(first, host);
  const gate = hold(second);
  const opening = shown.open(second, host);
  emit(busy(second), second);
  gate.resolve();
  await opening;
  expect(shown.view).toMatchObject({ session: { id: second }, status: { type: 'busy' } });
  expect(told).toEqual([]);
});

test('of two openings the last one counts, and a closed watch is not listened to', async () => {
  const { shown, host, hold, emit, told, disposed } = rig();
  const gate = hold(first);
  const slow = shown.open(first, host);
  expect(await shown.open(second, host)).toBe(true);
  gate.resolve();
  expect(await slow).toBe(false);
  expect(disposed).toEqual([first]);
  emit(busy(first), first);
  expect(told).toEqual([]);
  await shown.open(null, host);
  emit(busy(second), second);
  expect(told).toEqual([]);
  expect(shown.view).toBeUndefined();
});
