import { expect, test } from 'vitest';
import type { ViewEvent } from '#shared/events.ts';
import type { ToWebview } from '#shared/protocol.ts';
import { MessagePump } from './message-pump.ts';

function rig({ answers = true } = {}) {
  const sent: ToWebview[] = [];
  const frames: (() => void)[] = [];
  let resyncs = 0;
  const pump = new MessagePump({
    post: (message) => sent.push(message),
    resync: () => {
      resyncs++;
      if (answers) pump.begin();
    },
    nextFrame: (flush) => {
      frames.push(flush);
      return { [Symbol.dispose]: () => void frames.splice(0) };
    },
  });
  const frame = () => frames.shift()?.();
  return { pump, sent, frame, resyncs: () => resyncs };
}

function delta(partID: string, text: string): ViewEvent {
  const ids = { sessionID: 'ses_1', messageID: 'msg_1', partID } as never;
  return {
    type: 'message.part.delta',
    properties: { ...(ids as object), field: 'text', delta: text } as never,
  };
}

const texts = (sent: readonly ToWebview[]) =>
  sent.flatMap((message) => (message.type === 'events' ? message.events.map(textOf) : []));
const textOf = (event: ViewEvent) =>
  event.type === 'message.part.delta' ? event.properties.delta : event.type;

test('events of one frame go as one numbered batch, and growing text is joined (UI-01)', () => {
  const { pump, sent, frame } = rig();
  pump.begin();
  for (const piece of ['a', 'b', 'c']) pump.push(delta('prt_1', piece));
  pump.push(delta('prt_2', 'd'));
  frame();
  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({ type: 'events', seq: 1 });
  expect(texts(sent)).toEqual(['abc', 'd']);
});

test('a webview that acknowledges nothing is waited for, and nothing is lost', () => {
  const { pump, sent, frame } = rig();
  pump.begin();
  for (let each = 0; each < 10; each++) {
    pump.push(delta('prt_1', String(each)));
    frame();
  }
  expect(sent).toHaveLength(4);
  pump.acknowledge(4);
  frame();
  expect(texts(sent).join('')).toBe('0123456789');
  expect(sent).toHaveLength(5);
});

test('batches are numbered without gaps from the state on', () => {
  const { pump, sent, frame } = rig();
  pump.begin();
  pump.push(delta('prt_1', 'a'));
  frame();
  pump.acknowledge(1);
  const base = pump.begin();
  pump.push(delta('prt_1', 'b'));
  frame();
  expect(sent.map((message) => (message.type === 'events' ? message.seq : 0))).toEqual([base, base + 1]);
});

test('nothing is sent before the first state, nor after the webview is gone', () => {
  const { pump, sent, frame } = rig();
  pump.push(delta('prt_1', 'a'));
  frame();
  pump.begin();
  pump.push(delta('prt_1', 'b'));
  pump.stop();
  frame();
  expect(sent).toEqual([]);
});

test('a webview that is far behind is given the state instead of the backlog', () => {
  const { pump, resyncs } = rig();
  pump.begin();
  for (let each = 0; each <= 5_000; each++) pump.push(delta(`prt_${each}`, 'x'));
  expect(resyncs()).toBe(1);
});

test('the state is asked for once, and what comes before it is not sent beside it', () => {
  const { pump, sent, frame, resyncs } = rig({ answers: false });
  pump.begin();
  for (let each = 0; each < 6_000; each++) pump.push(delta(`prt_${each}`, 'x'));
  frame();
  expect(resyncs()).toBe(1);
  expect(sent).toEqual([]);
  pump.begin();
  pump.push(delta('prt_1', 'after'));
  frame();
  expect(texts(sent)).toEqual(['after']);
});

test('a webview that comes back after it fell behind can fall behind again', () => {
  const { pump, resyncs } = rig({ answers: false });
  for (let time = 0; time < 2; time++) {
    pump.begin();
    for (let each = 0; each <= 5_000; each++) pump.push(delta(`prt_${each}`, 'x'));
    pump.stop();
  }
  expect(resyncs()).toBe(2);
});
