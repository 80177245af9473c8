import type * as Schema from 'effect/Schema';
import type { ProjectionDatabase } from './database.ts';

/**
 * A room's share of the store: its tables, the events that change them and the questions they answer.
 * The compiler carries the event and query tables through to `Store.commit` and `Store.read`.
 *
 * Appliers run at commit and again at every replay: the same events must give the same rows, so they
 * take no clock, no random numbers and nothing from outside. They may throw a HostError to refuse the
 * commit; then nothing of it is kept.
 */
export function defineProjection<
  const Name extends string,
  const Events extends EventTable,
  const Queries extends QueryTable,
>(definition: ProjectionDefinition<Name, Events, Queries>): ProjectionDefinition<Name, Events, Queries> {
  for (const sql of definition.migrations) {
    // Such a constraint would only fail at the group's COMMIT, when its record is already in the journal.
    if (deferred.test(sql))
      throw new TypeError(`${definition.name}: DEFERRABLE constraints are not supported.`);
  }
  for (const [type, event] of Object.entries(definition.events)) checkUpcasters(type, event);
  for (const { select, update } of definition.bodies ?? []) {
    const isComplete = namesShelf.test(select) && namesBody.test(select) && update.includes(':body');
    if (!isComplete)
      throw new TypeError(`${definition.name}: bodies need shelf, body and :body (${select}).`);
  }
  return definition;
}

export interface ProjectionDefinition<
  Name extends string,
  Events extends EventTable,
  Queries extends QueryTable,
> {
  readonly name: Name;
  /**
   * SQL, each run once, in order. Append only: a new one runs on an index with rows when a snapshot was there, and on
   * an empty one before all events are replayed. Both ways must end in the same tables and rows.
   */
  readonly migrations: readonly string[];
  /** Every column that holds what `db.body` made. Without this, bodies stay in their rows. */
  readonly bodies?: readonly BodyColumn[];
  readonly events: Events;
  readonly apply: {
    readonly [Type in keyof Events & string]: (
      db: ProjectionDatabase,
      event: EventOf<Events, Type>,
      meta: EventMeta,
    ) => void;
  };
  /** Run in the store's worker: arguments and results are plain data. */
  readonly queries: Queries;
}

/**
 * A column of bodies, which a snapshot moves out of the journal.
 *
 *     select   SELECT session_id AS shelf, id, data AS body FROM input WHERE data LIKE '@%'
 *     update   UPDATE input SET data = :body WHERE id = :id
 */
export interface BodyColumn {
  /**
   * Rows whose body is in the journal: it begins with `@`. `shelf` names the owner of the bytes, with letters, digits
   * and `_`: they are erased with it.
   */
  readonly select: string;
  /** Sets the column of such a row, whose values are the named parameters. */
  readonly update: string;
}

/** One event type. A changed shape takes the next version and an upcaster from the one before. */
export interface EventDefinition {
  readonly version: number;
  /** Of plain JSON data: what it decodes from and to must be the same value. */
  readonly schema: Schema.Decoder<object>;
  /** By the version it reads: makes the data of the next one. Needed for each version below `version`. */
  readonly upcast?: Readonly<Record<number, (data: unknown) => unknown>>;
}

export interface EventMeta {
  /** Grows by one with each event of the store, over all projections. The only order there is. */
  readonly seq: number;
  /** Wall time of the commit, in milliseconds since the epoch. For people, never for order. */
  readonly time: number;
}

export type EventTable = Readonly<Record<string, EventDefinition>>;
export type QueryTable = Readonly<Record<string, (db: ProjectionDatabase, args: never) => unknown>>;

export type EventOf<Events extends EventTable, Type extends keyof Events> = Type extends keyof Events
  ? { readonly type: Type } & Events[Type]['schema']['Type']
  : never;

/** What a projection looks like to who does not care for its tables. */
export interface AnyProjection {
  readonly name: string;
  readonly migrations: readonly string[];
  readonly bodies?: readonly BodyColumn[];
  readonly events: EventTable;
  readonly apply: Readonly<Record<string, (db: ProjectionDatabase, event: never, meta: EventMeta) => void>>;
  readonly queries: QueryTable;
}

/** Every event that a set of projections knows: `{ type, ...data }`. */
export type StoreEvent<Projections extends readonly AnyProjection[]> = Projections[number] extends infer Each
  ? Each extends AnyProjection
    ? { readonly [Type in keyof Each['events']]: EventOf<Each['events'], Type> }[keyof Each['events']]
    : never
  : never;

type UnionToIntersection<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer I) => void
  ? I
  : never;
type Queries<Projections extends readonly AnyProjection[]> = UnionToIntersection<
  Projections[number]['queries']
>;

export type QueryName<Projections extends readonly AnyProjection[]> = keyof Queries<Projections> & string;

export type QueryArgs<
  Projections extends readonly AnyProjection[],
  Name extends QueryName<Projections>,
> = Queries<Projections>[Name] extends (db: ProjectionDatabase, ...args: infer Args) => unknown
  ? Args
  : never;

export type QueryResult<
  Projections extends readonly AnyProjection[],
  Name extends QueryName<Projections>,
> = Queries<Projections>[Name] extends (...args: never) => infer Result ? Result : never;

const namesShelf = /\bshelf\b/;
const namesBody = /\bbody\b/;
const deferred = /\bdeferrable\b/i;

function checkUpcasters(type: string, { version, upcast }: EventDefinition): void {
  if (!Number.isInteger(version) || version < 1) throw new TypeError(`${type}: versions count from 1.`);
  for (let from = 1; from < version; from++) {
    if (upcast?.[from] === undefined) throw new TypeError(`${type}: no upcaster from version ${from}.`);
  }
}
