import * as Schema from 'effect/Schema';
import { expect, expectTypeOf, test } from 'vitest';
import { createEventCodec } from './event-codec.ts';
import { defineProjection, type QueryResult, type StoreEvent } from './projection.ts';
import type { Store } from './store.ts';
import type { toyProjection } from './testing/toy-projection.ts';

const counts = defineProjection({
  name: 'counts',
  migrations: [],
  events: { 'count.raised': { version: 1, schema: Schema.Struct({ by: Schema.Int }) } },
  apply: {
    'count.raised': (_, { type, by }) =>
      expectTypeOf({ type, by }).toEqualTypeOf<{ type: 'count.raised'; by: number }>(),
  },
  queries: { 'count.get': (): number => 0 },
});

type Both = readonly [typeof toyProjection, typeof counts];

test('events and queries of all projections are typed through to the store', () => {
  type Event = StoreEvent<Both>;
  expectTypeOf<Event['type']>().toEqualTypeOf<
    'note.added' | 'note.changed' | 'note.tagged' | 'owner.deleted' | 'note.poisoned' | 'count.raised'
  >();
  expectTypeOf<Extract<Event, { type: 'count.raised' }>>().toMatchTypeOf<{ readonly by: number }>();
  expectTypeOf<QueryResult<Both, 'count.get'>>().toEqualTypeOf<number>();
  expectTypeOf<QueryResult<Both, 'note.get'>>().toEqualTypeOf<string | undefined>();
  const ask = (store: Store<Both>) => [
    store.read('note.get', { id: 'a' }),
    store.read('count.get'),
    store.commit([{ type: 'count.raised', by: 1 }]),
    // @ts-expect-error: a query that no projection answers
    store.read('note.unheard-of'),
    // @ts-expect-error: arguments of another type
    store.read('note.get', { id: 1 }),
    // @ts-expect-error: an event without its data
    store.commit([{ type: 'count.raised' }]),
  ];
  expect(ask).toBeTypeOf('function');
});

test('a table that cannot work is refused where it is defined', () => {
  const event = { version: 2, schema: Schema.Struct({}) };
  const define = (events: { 'x.done': { version: number; schema: typeof event.schema } }) =>
    defineProjection({
      name: 'x',
      migrations: [],
      events,
      apply: { 'x.done': () => undefined },
      queries: {},
    });
  expect(() => define({ 'x.done': event })).toThrow('no upcaster from version 1');
  expect(() => define({ 'x.done': { ...event, version: 0 } })).toThrow('count from 1');
  expect(() => createEventCodec([counts, counts])).toThrow('Two projections');
});
