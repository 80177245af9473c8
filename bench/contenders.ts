import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openDisk } from '#host/store/disk.ts';
import { Journal } from '#host/store/journal.ts';

/** Something that makes a text durable before it returns. */
export interface Contender extends Disposable {
  keep(text: string): void;
}

/** The store's journal by itself, on this thread: without the index, the checks and the hop to the worker. */
export function journalAlone(directory: string): Contender {
  mkdirSync(directory);
  const start = { epoch: 1, lastLsn: 0, checkOwner: () => undefined, seeds: new Map<number, number>() };
  const journal = new Journal(openDisk(directory), start);
  return {
    keep(text) {
      // The store does it when nobody waits.
      if (journal.needsRoom) journal.makeRoom();
      journal.stage(journal.prepare(0, text));
      journal.flush();
    },
    [Symbol.dispose]: () => journal.close(),
  };
}

/** SQLite on the disk, as durable as can be: one row and one sync for each text. Node's own build of it. */
export function sqliteOnDisk(file: string): Contender {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE kept (text TEXT)');
  const insert = database.prepare('INSERT INTO kept VALUES (?)');
  return {
    keep: (text) => void insert.run(text),
    [Symbol.dispose]: () => database.close(),
  };
}

/** Contenders in a folder of their own. */
export function contendersIn(directory: string) {
  return {
    journal: journalAlone(join(directory, 'journal')),
    sqlite: sqliteOnDisk(join(directory, 'kept.db')),
  };
}
