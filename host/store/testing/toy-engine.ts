import type { Notice } from '#shared/notice.ts';
import type { Disk } from '../disk.ts';
import { Engine } from '../engine.ts';
import type { Fence } from '../fence.ts';
import type { AnyProjection, StoreEvent } from '../projection.ts';
import type { Occasion, SnapshotPolicy } from '../snapshot-policy.ts';
import { loadSql, type Sql } from '../sql.ts';
import { storeFiles } from '../store-files.ts';
import { toyProjection } from './toy-projection.ts';

export type ToyEvent = StoreEvent<readonly [typeof toyProjection]>;

/** SQLite is compiled once for all tests of a file. */
export const toySql = await loadSql(storeFiles(new URL('../store-files.ts', import.meta.url).href).wasmUrl);

/** SQLite's memory only grows: tests that open thousands of engines give back those they have done with. */
export function freeToys(): void {
  for (const database of databases.splice(0)) database.close();
}

export interface Toy {
  readonly engine: Engine;
  readonly notices: readonly Notice[];
  readonly defects: readonly unknown[];
  /** One commit of its own group: its `seq`, or the code it was refused with. */
  commit(...events: readonly ToyEvent[]): number | string;
  /** What the worker does when no request waits: all steps of the upkeep. Returns the code of its failure. */
  upkeep(occasion?: Occasion): string | undefined;
  /** Ids and texts, in order. */
  notes(): readonly (readonly [string, string])[];
}

export interface ToyOptions {
  readonly fence?: Partial<Fence>;
  readonly bootID?: string;
  /** When snapshots are made; `eager` makes one whenever anything is new. */
  readonly policy?: SnapshotPolicy;
  /** Other versions of the notes' room. */
  readonly projections?: readonly AnyProjection[];
}

/** An engine over toy notes. Each one opened has a later epoch than all before. */
export function openToy(disk: Disk, options: ToyOptions = {}): Toy {
  epoch += 1;
  const notices: Notice[] = [];
  const defects: unknown[] = [];
  const engine = new Engine({
    disk,
    sql: trackedSql,
    projections: options.projections ?? [toyProjection],
    policy: options.policy,
    // Each opening its own: openings that a test cuts off are not counted, unless it says so.
    bootID: options.bootID ?? `boot ${epoch}`,
    owner: {
      type: 'owner',
      fence: {
        epoch,
        holds: () => true,
        successor: () => 'another window',
        waitFor: (check) => void check(),
        ...options.fence,
      },
    },
    events: {
      notify: (notice) => notices.push(notice),
      stateChanged: () => undefined,
      defect: (error) => defects.push(error),
    },
  });
  return {
    engine,
    notices,
    defects,
    commit(...events) {
      try {
        const seq = engine.stage({ time: 1_700_000_000_000, events: JSON.stringify(events) });
        const failure = engine.flush();
        return failure === undefined || failure.kept > 0 ? seq : failure.error.code;
      } catch (error) {
        if (error instanceof Error && 'code' in error) return String(error.code);
        throw error;
      } finally {
        engine.settle();
      }
    },
    upkeep(occasion = 'pause') {
      const steps = engine.upkeep(occasion);
      for (let step = steps?.next(); step !== undefined; step = steps?.next()) {
        if (step.done === true) return step.value?.code;
      }
      return undefined;
    },
    notes() {
      const all = engine.read('note.all', undefined) as readonly { id: string; text: string }[];
      return all.map(({ id, text }) => [id, text] as const);
    },
  };
}

let epoch = 0;
const databases: InstanceType<Sql['Database']>[] = [];
const trackedSql: Sql = {
  ...toySql,
  Database: class extends toySql.Database {
    constructor(bytes?: Uint8Array) {
      super(bytes);
      databases.push(this);
    }
  },
};

/** A snapshot whenever anything is new. */
export const eager: SnapshotPolicy = {
  bytes: 0,
  share: 0,
  records: 0,
  worthBytes: 1,
  worthRecords: 1,
  idle: 1000,
};

export function added(id: string, text = `text of ${id}`): ToyEvent {
  return { type: 'note.added', id, text };
}
