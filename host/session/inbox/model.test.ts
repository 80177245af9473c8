import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { HostError } from '#shared/host-error.ts';
import type { MessageID, SessionID } from '#shared/ids.ts';
import type { AdmittedPrompt } from '#shared/session.ts';
import { nodeClock } from '../../node/clock.ts';
import { createIds } from '../../node/ids.ts';
import { promotions } from '../runner/boundary.ts';
import type { SessionStore } from '../session-store.ts';
import { openSessionStore } from '../testing/open-store.ts';
import { admit } from './admit.ts';
import { cancelInput, editInput } from './change-input.ts';

// The inbox on a real store against a plain list (RT-10, RT-17).

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const opening = openSessionStore();
let store: SessionStore;
beforeAll(async () => {
  store = await opening;
});
afterAll(async () => (await opening)[Symbol.asyncDispose]());

const ids = createIds();
const world = () => ({ store, clock: nodeClock, ids, version: 'test' });

type Delivery = AdmittedPrompt['delivery'];
type Command =
  | { readonly type: 'admit'; readonly id: number; readonly text: string; readonly delivery: Delivery }
  | { readonly type: 'edit'; readonly id: number; readonly text: string }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'promote'; readonly count: number };

const id = fc.integer({ min: 0, max: 4 });
// Longer texts lie outside the index.
const text = fc.constantFrom('one', 'two', 'three'.repeat(1_000), ' ');
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    type: fc.constant('admit'),
    id,
    text,
    delivery: fc.constantFrom<Delivery[]>('steer', 'queue'),
  }),
  fc.record({ type: fc.constant('edit'), id, text }),
  fc.record({ type: fc.constant('cancel'), id }),
  fc.record({ type: fc.constant('promote'), count: fc.integer({ min: 1, max: 3 }) }),
);

interface Entry {
  readonly id: string;
  readonly text: string;
  readonly delivery: Delivery;
}

/** The plain reference: what waits, what is in history, and what each command answers. */
class Reference {
  waiting: Entry[] = [];
  history: Entry[] = [];

  run(command: Command, name: (id: number) => string): string {
    if (command.type === 'promote') {
      this.history.push(...this.waiting.splice(0, command.count));
      return 'done';
    }
    const key = name(command.id);
    const waits = this.waiting.findIndex((entry) => entry.id === key);
    const old = this.waiting[waits];
    if (command.type === 'admit') return this.#admit({ ...command, id: key });
    if (command.type === 'edit' && command.text.trim() === '') return 'prompt.empty';
    if (this.history.some((entry) => entry.id === key)) return 'prompt.promoted';
    if (!old) return 'prompt.unknown';
    this.waiting.splice(waits, 1, ...(command.type === 'edit' ? [{ ...old, text: command.text }] : []));
    return 'done';
  }

  #admit({ id: key, text: words, delivery }: Entry): string {
    if (words.trim() === '') return 'prompt.empty';
    const known = [...this.waiting, ...this.history].find((entry) => entry.id === key);
    if (!known) this.waiting.push({ id: key, text: words, delivery });
    return !known || (known.text === words && known.delivery === delivery) ? 'done' : 'prompt.conflict';
  }
}

const choice = { agent: 'build', model: { providerID: 'p', modelID: 'm' }, directory: '/nowhere' };

async function run(command: Command, sessionID: SessionID, name: (id: number) => string): Promise<string> {
  const key = (number: number) => ({ id: sessionID, messageID: name(number) as MessageID });
  try {
    switch (command.type) {
      case 'admit': {
        const { text: words, delivery } = command;
        const { messageID } = key(command.id);
        await admit({ ...choice, sessionID, messageID, text: words, delivery }, world());
        break;
      }
      case 'edit':
        await editInput(key(command.id), command.text, world());
        break;
      case 'cancel':
        await cancelInput(key(command.id), world());
        break;
      case 'promote':
        await promote(sessionID, command.count);
    }
    return 'done';
  } catch (error) {
    if (error instanceof HostError) return error.code;
    throw error;
  }
}

async function promote(sessionID: SessionID, count: number): Promise<void> {
  const { session, inbox, reverted } = await store.read('session.boundary', sessionID);
  const inputs = inbox.slice(0, count);
  if (session && inputs.length > 0) await store.commit(promotions({ session, reverted, inputs }, world()));
}

const entryOf = ({ id: key, text: words, delivery }: AdmittedPrompt): Entry => ({
  id: key,
  text: words,
  delivery,
});

async function textsOf(sessionID: SessionID): Promise<readonly (readonly [string, string])[]> {
  const messages = await store.read('session.messages', sessionID);
  return messages.map(({ info, parts }) => [
    info.id,
    parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join(''),
  ]);
}

test('whatever is admitted, edited, cancelled and promoted, the inbox is a plain list (RT-10, RT-17)', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 24 }), async (commands) => {
      const sessionID = ids.next('ses') as SessionID;
      const name = (number: number) => `msg_${sessionID}_${number}`;
      const reference = new Reference();
      for (const each of commands) {
        const expected = reference.run(each, name);
        expect([each.type, await run(each, sessionID, name)]).toEqual([each.type, expected]);
        expect((await store.read('session.inbox', sessionID)).map(entryOf)).toEqual(reference.waiting);
      }
      expect(await textsOf(sessionID)).toEqual(reference.history.map((entry) => [entry.id, entry.text]));
    }),
    { numRuns: 60 },
  );
});

test('of an edit, a cancellation and a promotion at the same moment, each wins whole or is refused (RT-02)', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray(['edit', 'cancel', 'promote'] as const, { minLength: 2 }),
      async (order) => {
        const sessionID = ids.next('ses') as SessionID;
        const messageID = `msg_${sessionID}` as MessageID;
        await admit({ ...choice, sessionID, messageID, text: 'old', delivery: 'steer' }, world());
        const name = () => messageID;
        const commands = {
          edit: { type: 'edit', id: 0, text: 'new' },
          cancel: { type: 'cancel', id: 0 },
          promote: { type: 'promote', count: 1 },
        } as const;
        const outcomes = await Promise.all(order.map((each) => run(commands[each], sessionID, name)));
        const of = (each: (typeof order)[number]) => outcomes[order.indexOf(each)];
        const history = await textsOf(sessionID);
        const inbox = await store.read('session.inbox', sessionID);
        expect(history.length + inbox.length).toBe(of('cancel') === 'done' ? 0 : 1);
        const [, words = inbox[0]?.text] = history[0] ?? [];
        if (of('cancel') !== 'done') expect(words).toBe(of('edit') === 'done' ? 'new' : 'old');
      },
    ),
    { numRuns: 60 },
  );
});
