import * as fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { MessageID, PartID, SessionID } from '#shared/ids.ts';
import { type MessageInfo, noTokens } from '#shared/message.ts';
import type { Part } from '#shared/part.ts';
import type { MessageWithParts } from '#shared/session.ts';
import { MemoryDisk } from '../../store/testing/memory-disk.ts';
import { eager, freeToys, openToy } from '../../store/testing/toy-engine.ts';
import type { SessionEvent } from '../session-events.ts';
import { sessionProjection } from '../session-projection.ts';
import { type MessagesText, parseMessages } from './messages-text.ts';

// What the store makes of a session's facts, against a list in memory that is told the same.

afterEach(freeToys);

const sessionID = SessionID.make('ses_one');

/** Everything that a text between texts could be mistaken for, long ones, and halves of characters. */
const text = fc.oneof(
  fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) }),
  fc.constantFrom('', '@1:2:3:4:5', '#ses_one:0:9:1', '\u0001', ']","', '\ud83d', '\ude00', '\\'),
  fc.string().map((end) => `${'a long text, '.repeat(300)}${end}`),
);
const place = fc.nat(1000);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('message' as const),
      role: fc.constantFrom('user' as const, 'assistant' as const),
      parts: fc.array(fc.tuple(fc.constantFrom('text', 'reasoning', 'tool', 'context'), text), {
        maxLength: 3,
      }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('extend' as const),
      place,
      text,
      end: fc.option(fc.nat(), { nil: undefined }),
    }),
  },
  fc.record({ type: fc.constant('keep again' as const), place, text }),
  fc.record({ type: fc.constant('prune' as const), place, time: fc.integer({ min: 1 }) }),
  fc.record({ type: fc.constant('fold' as const), answered: place, kept: place }),
  fc.record({ type: fc.constantFrom('revert' as const, 'cut' as const), place }),
  fc.record({ type: fc.constantFrom('unrevert' as const, 'epoch' as const) }),
  fc.record({ type: fc.constant('snapshot' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer Each> ? Each : never;

test('messages are read as their facts told them, and Session History is what holds of them (RT-07)', () => {
  void fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const disk = new MemoryDisk();
      const projections = [sessionProjection];
      const { engine, upkeep } = openToy(disk, { projections, policy: eager });
      const model = new Model();
      const commit = (events: readonly SessionEvent[]) => {
        if (events.length === 0) return;
        engine.stage({ time: 0, events: JSON.stringify(events) });
        expect(engine.flush()).toBeUndefined();
        engine.settle();
      };
      commit([created]);
      for (const each of steps) {
        if (each.type === 'snapshot') expect(upkeep()).toBeUndefined();
        else commit(model.take(each));
      }
      checkAll(engine, model);
      expect(upkeep()).toBeUndefined();
      checkAll(openToy(disk, { projections }).engine, model);
    }),
    { numRuns: 40 },
  );
});

function checkAll(engine: { read(name: string, args: unknown): unknown }, model: Model): void {
  const history = parseMessages(engine.read('session.history', sessionID) as MessagesText);
  expect(history).toEqual(model.history());
  expect(engine.read('session.last-message', sessionID)).toEqual(model.history().at(-1));
  expect(engine.read('session.messages', sessionID)).toEqual(model.messages);
  const newest = { messages: model.messages.slice(-3), hasOlder: model.messages.length > 3 };
  expect(engine.read('session.window', { id: sessionID, limit: 3 })).toEqual(newest);
  const tools = model.parts('tool');
  const ids = tools.map(({ id }) => id).toReversed();
  expect(engine.read('session.tool-parts', ids)).toEqual(tools.toReversed());
}

const created: SessionEvent = {
  type: 'session.created',
  info: {
    id: sessionID,
    directory: '/f',
    title: 'One',
    version: '0',
    cost: 0,
    tokens: noTokens,
    time: { created: 0, updated: 0 },
  },
};

/** A session as a list of messages. */
class Model {
  messages: MessageWithParts[] = [];
  #made = 0;
  #end: MessageID | undefined;
  #folds: { summary: MessageID; answered: MessageID[]; kept: MessageID[]; done: number }[] = [];
  #epoch: number | undefined;
  /** How many messages had been made when a Context Epoch began. */
  #told = new Map<MessageID, number>();

  /** The facts of a step; where there is nothing to do it on, none. */
  take(step: Exclude<Step, { type: 'snapshot' }>): readonly SessionEvent[] {
    switch (step.type) {
      case 'message':
        return this.#add(infoOf(step.role), step.parts);
      case 'extend':
        return this.#extend(step);
      case 'keep again':
        return this.#keepAgain(step);
      case 'prune':
        return this.#prune(step);
      case 'fold':
        return this.#fold(step);
      case 'revert':
        return this.#revert(step.place);
      case 'cut':
        return this.#cut(step.place);
      case 'unrevert':
        this.#end = undefined;
        return [{ type: 'session.unreverted', sessionID, time: 1 }];
      case 'epoch':
        this.#epoch = this.#made;
        return [{ type: 'session.epoch.started', sessionID, baseline: 'b', snapshot: {} }];
    }
  }

  /** Session History: what the last Compaction that was not taken back left, and what came after it. */
  history(): readonly MessageWithParts[] {
    const end = this.messages.findIndex(({ info }) => info.id === this.#end);
    const standing = end === -1 ? this.messages : this.messages.slice(0, end);
    const fold = this.#folds.findLast(({ summary }) => standing.some(({ info }) => info.id === summary));
    const start = standing.findIndex(({ info }) => info.id === fold?.summary) + 1;
    const epoch = this.#epoch ?? fold?.done ?? 0;
    const since = standing.slice(start).filter(({ info, parts }) => {
      const isTold = parts.some(({ type }) => type === 'context') && (this.#told.get(info.id) ?? 0) <= epoch;
      return !isTold && !(info.role === 'assistant' && info.summary);
    });
    const folded = fold ? [...fold.answered, fold.summary, ...fold.kept] : [];
    return [...folded.flatMap((id) => this.messages.filter(({ info }) => info.id === id)), ...since];
  }

  parts(...types: readonly Part['type'][]): readonly Part[] {
    return this.messages.flatMap(({ parts }) => parts.filter(({ type }) => types.includes(type)));
  }

  #add(
    infoAs: (id: MessageID) => MessageInfo,
    parts: readonly (readonly [string, string])[],
  ): readonly SessionEvent[] {
    this.#made++;
    const info = infoAs(MessageID.make(`msg_${this.#made}`));
    const made = parts.map(([type, text], index) => partOf(`${this.#made}_${index}`, { type, text, info }));
    this.messages.push({ info, parts: made });
    this.#told.set(info.id, this.#made);
    return [{ type: 'session.message.copied', info, parts: made }];
  }

  #extend({ place, text: delta, end }: Extract<Step, { type: 'extend' }>): readonly SessionEvent[] {
    const part = at(this.parts('text', 'reasoning'), place);
    if (part?.type !== 'text' && part?.type !== 'reasoning') return [];
    const ended = end === undefined ? {} : { time: { start: part.time?.start ?? end, end } };
    this.#put({ ...part, text: part.text + delta, ...ended });
    const { id: partID, messageID } = part;
    return [
      {
        type: 'session.text.extended',
        sessionID,
        messageID,
        partID,
        delta,
        ...(end !== undefined && { end }),
      },
    ];
  }

  #keepAgain({ place, text }: Extract<Step, { type: 'keep again' }>): readonly SessionEvent[] {
    const part = at(this.parts('text'), place);
    if (part?.type !== 'text') return [];
    const kept = { ...part, text };
    this.#put(kept);
    return [{ type: 'session.part.kept', part: kept }];
  }

  #prune({ place, time }: Extract<Step, { type: 'prune' }>): readonly SessionEvent[] {
    const part = at(this.parts('tool'), place);
    if (part?.type !== 'tool' || part.state.status !== 'completed') return [];
    this.#put({ ...part, state: { ...part.state, time: { ...part.state.time, compacted: time } } });
    return [{ type: 'session.outputs.pruned', sessionID, parts: [part.id], time }];
  }

  #fold(step: Extract<Step, { type: 'fold' }>): readonly SessionEvent[] {
    const named = [step.answered, step.kept].map((place) => at(this.messages, place)?.info.id);
    const [answered = [], kept = []] = named.map((id) => (id === undefined ? [] : [id]));
    const facts = this.#add(infoOf('assistant', true), [['text', 'summary']]);
    const summary = MessageID.make(`msg_${this.#made}`);
    const own = answered[0] === kept[0] ? [] : kept;
    this.#folds.push({ summary, answered, kept: own, done: this.#made });
    this.#epoch = undefined;
    return [...facts, { type: 'session.compacted', sessionID, summary, answered, kept: own, time: 1 }];
  }

  #revert(place: number): readonly SessionEvent[] {
    const messageID = at(this.messages, place)?.info.id;
    if (messageID === undefined) return [];
    this.#end = messageID;
    return [{ type: 'session.reverted', sessionID, messageID, files: [], time: 1 }];
  }

  #cut(place: number): readonly SessionEvent[] {
    const from = this.messages.length === 0 ? 0 : place % this.messages.length;
    const gone = this.messages.splice(from);
    if (gone.some(({ parts }) => parts.some(({ type }) => type === 'context'))) this.#epoch = undefined;
    this.#folds = this.#folds.filter(({ summary }) => !gone.some(({ info }) => info.id === summary));
    this.#end = undefined;
    return [{ type: 'session.history.cut', sessionID, messages: gone.map(({ info }) => info.id), time: 1 }];
  }

  #put(part: Part): void {
    this.messages = this.messages.map(({ info, parts }) => ({
      info,
      parts: parts.map((each) => (each.id === part.id ? part : each)),
    }));
  }
}

function at<Each>(list: readonly Each[], place: number): Each | undefined {
  return list[place % Math.max(list.length, 1)];
}

function infoOf(role: 'user' | 'assistant', summary = false): (id: MessageID) => MessageInfo {
  const base = { sessionID, agent: 'build' };
  const model = { providerID: 'p', modelID: 'm' };
  if (role === 'user') return (id) => ({ ...base, id, role, model, time: { created: 1 } });
  return (id) => ({
    ...base,
    ...model,
    id,
    role,
    parentID: id,
    mode: 'build',
    path: { cwd: '/f', root: '/f' },
    cost: 0,
    tokens: noTokens,
    ...(summary && { summary }),
    time: { created: 1, completed: 2 },
  });
}

function partOf(
  name: string,
  { type, text, info }: { readonly type: string; readonly text: string; readonly info: MessageInfo },
): Part {
  const base = { id: PartID.make(`prt_${name}`), sessionID, messageID: info.id };
  if (type === 'text') return { ...base, type, text };
  if (type === 'reasoning') return { ...base, type, text, time: { start: 3 }, metadata: { signature: text } };
  if (type === 'context') return { ...base, type, text, sources: ['files'] };
  const time = { start: 1, end: 2 };
  const state = {
    status: 'completed' as const,
    input: { text },
    output: text,
    title: 't',
    metadata: {},
    time,
  };
  return { ...base, type: 'tool', callID: name, tool: 'read', state };
}
