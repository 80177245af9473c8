import { expect, test } from 'vitest';
import type { ToolPart } from '#shared/part.ts';
import type { MessageWithParts } from '#shared/session.ts';
import { call, typed } from '../../testing/history.ts';
import { prunableOutputs } from './prune-outputs.ts';

/** An output of about so many thousand tokens. */
const output = (thousands: number) => 'word'.repeat(thousands * 1_000);
const ids = (history: readonly MessageWithParts[]) => prunableOutputs(history).parts;

test('the newest outputs stay, about 40,000 tokens of them, and older ones go', () => {
  const history = [typed('u'), ...['a', 'b', 'c', 'd'].map((id) => call(id, output(20)))];
  expect(prunableOutputs(history)).toEqual({ parts: ['prt_b', 'prt_a'], tokens: 40_000 });
});

test('where less than 20,000 tokens would go, nothing does', () => {
  const history = [call('a', output(19)), call('b', output(20)), call('c', output(20))];
  expect(ids(history)).toEqual([]);
  expect(ids([call('z', output(1)), ...history])).toEqual(['prt_a', 'prt_z']);
});

test('what a provider ran itself, and what holds for the whole session, stays (TL-20)', () => {
  const own: Partial<ToolPart> = { metadata: { providerExecuted: true } };
  const history = [
    call('a', output(30), own),
    call('b', output(30), { tool: 'skill' }),
    call('c', output(30)),
    call('d', output(40)),
  ];
  expect(ids(history)).toEqual(['prt_c']);
});

test('an output that is gone already is not counted, and failures stay', () => {
  const gone = call('a', output(30));
  const [part] = gone.parts;
  if (part?.type !== 'tool' || part.state.status !== 'completed') throw new Error('a completed call');
  const time = { ...part.state.time, compacted: 5 };
  const parts = [{ ...part, state: { ...part.state, time } }];
  expect(ids([{ ...gone, parts }, call('b', output(40))])).toEqual([]);
});
