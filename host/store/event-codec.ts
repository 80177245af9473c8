import * as Schema from 'effect/Schema';
import { HostError } from '#shared/host-error.ts';
import type { ProjectionDatabase } from './database.ts';
import type { AnyProjection, EventDefinition, EventMeta } from './projection.ts';

/** One commit as the journal keeps it: JSON of `{ time, seq, events: [{ type, v, data }] }`. */
export interface EventCodec {
  /**
   * What a caller wants to commit, a JSON list of events, as it will be applied and journaled; `seq` is that of
   * the first one. It has been through JSON and its schemas, so that appliers see now what they will see at
   * replay, and the payload holds each value in the very bytes that `body` looks for.
   * @throws HostError `store.invalid-event`
   */
  admit(events: string, stamp: { readonly seq: number; readonly time: number }): Admitted;
  /**
   * The events of a payload, brought to their newest shape.
   * @throws HostError `store.invalid-event`, or `store.newer` for a type or version that is not known here.
   */
  decode(payload: string): DecodedCommit;
}

export interface Admitted {
  readonly payload: string;
  readonly commit: DecodedCommit;
}

export interface DecodedCommit {
  readonly seq: number;
  readonly time: number;
  readonly events: readonly DecodedEvent[];
}

export interface DecodedEvent {
  readonly type: string;
  readonly version: number;
  readonly data: object;
  /** Its projection says where its bodies are, so that they may stay out of the index. */
  readonly hasBodies: boolean;
  apply(db: ProjectionDatabase, meta: EventMeta): void;
}

export function createEventCodec(projections: readonly AnyProjection[]): EventCodec {
  const types = collectTypes(projections);
  return {
    admit(events, { seq, time }) {
      const plain: unknown = JSON.parse(events);
      if (!Array.isArray(plain) || plain.length === 0) throw invalid('?', 'a commit has at least one');
      const decoded = plain.map((event: unknown) => decodeEvent(types, wrap(types, event)));
      const journaled = decoded.map(({ type, version, data }) => ({ type, v: version, data }));
      return {
        payload: JSON.stringify({ time, seq, events: journaled }),
        commit: { seq, time, events: decoded },
      };
    },
    decode(payload) {
      const commit = decodeJson(payload);
      return { ...commit, events: commit.events.map((event) => decodeEvent(types, event)) };
    },
  };
}

const JournaledCommit = Schema.Struct({
  time: Schema.Finite,
  seq: Schema.Int,
  events: Schema.Array(Schema.Struct({ type: Schema.String, v: Schema.Int, data: Schema.Unknown })),
});
type JournaledEvent = (typeof JournaledCommit.Type)['events'][number];

interface EventType extends EventDefinition {
  readonly hasBodies: boolean;
  readonly decode: (data: unknown) => object;
  readonly apply: (db: ProjectionDatabase, event: object, meta: EventMeta) => void;
}

function collectTypes(projections: readonly AnyProjection[]): ReadonlyMap<string, EventType> {
  const types = new Map<string, EventType>();
  for (const projection of projections) {
    for (const [type, definition] of Object.entries(projection.events)) {
      if (types.has(type)) throw new TypeError(`Two projections define the event ${type}.`);
      types.set(type, eventType(projection, type, definition));
    }
  }
  return types;
}

function eventType(projection: AnyProjection, type: string, definition: EventDefinition): EventType {
  const apply = projection.apply[type];
  if (apply === undefined) throw new TypeError(`${projection.name} does not apply its event ${type}.`);
  const decodeData = Schema.decodeUnknownResult(definition.schema, {
    errors: 'all',
    onExcessProperty: 'error',
  });
  return {
    ...definition,
    hasBodies: projection.bodies !== undefined,
    // The compiler checked the pair where the projection was defined; here the types are gone.
    apply: apply as EventType['apply'],
    decode(data) {
      const result = decodeData(data);
      if (result._tag === 'Failure') throw invalid(type, result.failure.message);
      return result.success;
    },
  };
}

function wrap(types: ReadonlyMap<string, EventType>, event: unknown): JournaledEvent {
  if (typeof event !== 'object' || event === null || !('type' in event) || typeof event.type !== 'string')
    throw invalid('?', 'it has no type');
  const { type, ...data } = event;
  const known = types.get(type);
  if (known === undefined) throw invalid(type, 'no projection knows it');
  return { type, v: known.version, data };
}

const decodeCommit = Schema.decodeUnknownResult(JournaledCommit);

function decodeJson(payload: string): typeof JournaledCommit.Type {
  const decoded = decodeCommit(JSON.parse(payload));
  if (decoded._tag === 'Failure') throw invalid('?', decoded.failure.message);
  return decoded.success;
}

function decodeEvent(types: ReadonlyMap<string, EventType>, { type, v, data }: JournaledEvent): DecodedEvent {
  const known = types.get(type);
  if (known === undefined || v > known.version) {
    throw new HostError(
      'store.newer',
      `A newer Millrace wrote the event ${type}, version ${v}. Update to read it.`,
      {
        data: { type, version: v },
      },
    );
  }
  let current = data;
  for (let from = v; from < known.version; from++) current = known.upcast?.[from]?.(current);
  const decoded = known.decode(current);
  const event = { ...decoded, type };
  return {
    type,
    version: known.version,
    data: decoded,
    hasBodies: known.hasBodies,
    apply: (db, meta) => known.apply(db, event, meta),
  };
}

function invalid(type: string, why: string): HostError {
  return new HostError('store.invalid-event', `The event ${type} cannot be kept: ${why}.`, {
    data: { type },
  });
}
