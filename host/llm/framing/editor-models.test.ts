import { expect, test } from 'vitest';
import type { EditorRequest } from '../protocol/editor-chat.ts';
import { editor } from '../providers/editor.ts';
import { createLLM } from '../route.ts';
import type { LLMEvent, LLMRequest } from '../schema.ts';
import type { SentCall } from '../sent-call.ts';

type Answer = (signal: AbortSignal) => AsyncIterable<unknown>;

const request: LLMRequest = {
  model: 'copilot/gpt-4o',
  system: ['You are Millrace.'],
  messages: [{ type: 'user', content: [{ type: 'text', text: 'Hi' }] }],
  tools: [],
  generation: {},
};
const text = (value: string) => ({ type: 'text', value });

/** What is asked of an editor that answers so, and what becomes of it. */
function asking(answer: Answer) {
  const asked: EditorRequest[] = [];
  const sent: SentCall[] = [];
  const route = editor({
    send(each, { signal }) {
      asked.push(each);
      return answer(signal);
    },
  });
  const stream = (signal = new AbortController().signal) =>
    createLLM(route).stream(request, { signal, onSent: (call) => sent.push(call) });
  return { asked, sent, stream };
}

async function all(stream: AsyncIterable<LLMEvent>): Promise<readonly LLMEvent[]> {
  const events: LLMEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

/** Says a word, and nothing more until it is told to stop. */
async function* endless(signal: AbortSignal): AsyncGenerator<unknown> {
  yield text('Hi');
  const { promise, reject } = Promise.withResolvers<never>();
  if (signal.aborted) reject(new Error('Canceled'));
  signal.addEventListener('abort', () => reject(new Error('Canceled')), { once: true });
  await promise;
}

const endlessly = (_request: unknown, { signal }: { readonly signal: AbortSignal }) => endless(signal);

test('a request goes to the editor as a plain value, and its answer comes as events (LM-03, LM-06)', async () => {
  const { asked, sent, stream } = asking(async function* () {
    yield text('Hel');
    yield text('lo');
  });
  expect(await all(stream())).toEqual([
    { type: 'text.delta', text: 'Hel' },
    { type: 'text.delta', text: 'lo' },
    { type: 'finish', reason: 'stop', raw: null },
  ]);
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({ vendor: 'copilot', id: 'gpt-4o', tools: [] });
  expect(sent).toEqual([{ url: 'vscode.lm/copilot/gpt-4o', headers: {}, body: asked[0] }]);
});

test('what the editor throws is the last event, its cause told (LM-11)', async () => {
  const { stream } = asking(async function* () {
    yield text('Hel');
    const cause = Object.assign(new Error('Wait a bit.'), { name: 'ChatRateLimited' });
    throw Object.assign(new Error('See the cause.', { cause }), { code: 'Unknown' });
  });
  expect(await all(stream())).toEqual([
    { type: 'text.delta', text: 'Hel' },
    { type: 'error', error: { code: 'rate-limit', message: 'Wait a bit.', retryable: true } },
  ]);
});

test('causes that go round end, and what is no error is told', async () => {
  const round = new Error('Round');
  round.cause = round;
  const thrower = (error: unknown) =>
    // biome-ignore lint/correctness/useYield: it fails before it says anything
    asking(async function* () {
      throw error;
    });
  expect(await all(thrower(round).stream())).toMatchObject([{ error: { message: 'Round' } }]);
  expect(await all(thrower('no error').stream())).toMatchObject([{ error: { message: 'no error' } }]);
});

test('an abort ends the request at the editor, and is thrown as it was given', async () => {
  const told: unknown[] = [];
  const { stream } = asking((signal) => {
    signal.addEventListener('abort', () => told.push(signal.reason), { once: true });
    return endless(signal);
  });
  const stop = new AbortController();
  const reason = new Error('The user said stop.');
  const events: LLMEvent[] = [];
  const read = async () => {
    for await (const event of stream(stop.signal)) {
      events.push(event);
      stop.abort(reason);
    }
  };
  await expect(read()).rejects.toBe(reason);
  expect(events).toEqual([{ type: 'text.delta', text: 'Hi' }]);
  expect(told).toEqual([reason]);
});

test('an answer that is aborted ends with the reason, whatever the editor throws for it', async () => {
  const stop = new AbortController();
  const reason = new Error('The user said stop.');
  const call = { ...editor({ send: endlessly }), path: '/v/m', body: {}, onBytes: () => stop.abort(reason) };
  const { chunks } = await call.framing.open(call, { signal: stop.signal });
  const read = async () => {
    for await (const part of chunks) expect(part).toEqual(text('Hi'));
  };
  await expect(read()).rejects.toBe(reason);
});

test('a reader that leaves ends the request at the editor', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { stream } = asking((signal) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    return endless(signal);
  });
  for await (const event of stream()) if (event.type === 'text.delta') break;
  await promise;
});
