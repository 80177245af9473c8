import * as Schema from 'effect/Schema';
import { defineProjection } from '../projection.ts';
import { MemoryDisk } from './memory-disk.ts';
import { eager, openToy } from './toy-engine.ts';

/**
 * The first format of the store's files. `format-one.json` holds a folder that `writeFormatOne` wrote when the format
 * was new, each file packed with gzip in base64. Such folders are read for ever: the file is never written again, and
 * neither it nor this room changes. A later format gets a file of its own.
 */
export const pageProjection = defineProjection({
  name: 'page',
  migrations: [
    'CREATE TABLE page (id TEXT PRIMARY KEY, book TEXT NOT NULL, body TEXT NOT NULL, seq INTEGER NOT NULL, time INTEGER NOT NULL)',
    'CREATE INDEX page_book ON page (book)',
  ],
  bodies: [
    {
      select: "SELECT book AS shelf, id, body FROM page WHERE body LIKE '@%'",
      update: 'UPDATE page SET body = :body WHERE id = :id',
    },
  ],
  events: {
    'page.written': {
      version: 1,
      schema: Schema.Struct({ id: Schema.String, book: Schema.String, text: Schema.String }),
    },
    'book.burnt': { version: 1, schema: Schema.Struct({ book: Schema.String }) },
  },
  apply: {
    'page.written': (db, { id, book, text }, { seq, time }) => {
      db.run('INSERT INTO page VALUES (?, ?, ?, ?, ?)', [id, book, db.body(text), seq, time]);
    },
    'book.burnt': (db, { book }) => {
      db.run('DELETE FROM page WHERE book = ?', [book]);
    },
  },
  queries: {
    'page.all': (db) =>
      db.all('SELECT id, body, seq, time FROM page ORDER BY seq').map(({ id, body, seq, time }) => ({
        id,
        text: db.resolve(String(body)),
        seq,
        time,
      })),
  },
});

/** What stands in the folder: long and short texts, before and behind the snapshots. */
export const formatOnePages = [
  { id: 'a', text: 'Kurz, "in Zeichen" \\ äöü 🚂 \u0000', seq: 1, time: 1_700_000_000_000 },
  { id: 'b', text: textOf('b'), seq: 2, time: 1_700_000_000_000 },
  { id: 'd', text: textOf('d'), seq: 5, time: 1_700_000_001_000 },
  { id: 'e', text: textOf('e'), seq: 6, time: 1_700_000_002_000 },
] as const;

/** Two owners, a body on a shelf and one in the journal, an erased book, and the mark of a clean end. */
export function writeFormatOne(): MemoryDisk {
  const disk = new MemoryDisk();
  const [a, b, d, e] = formatOnePages;
  const first = openToy(disk, { policy: eager, projections: [pageProjection] });
  const write = ({ engine }: typeof first, time: number, ...events: readonly object[]): void => {
    engine.stage({ time, events: JSON.stringify(events) });
    engine.flush();
    engine.settle();
  };
  const page = ({ id, text }: { readonly id: string; readonly text: string }, book = 'kept') => ({
    type: 'page.written',
    id,
    book,
    text,
  });
  write(first, a.time, page(a), page(b), page({ id: 'c', text: textOf('c') }, 'burnt'));
  first.upkeep();
  write(first, a.time, { type: 'book.burnt', book: 'burnt' });
  first.engine.erase('burnt');
  first.upkeep();
  write(first, d.time, page(d));
  first.upkeep();
  const second = openToy(disk, { projections: [pageProjection] });
  write(second, e.time, page(e));
  second.engine.close();
  return disk;
}

/** Long enough to stay out of the index, and small when it is packed. */
function textOf(id: string): string {
  return `page ${id} of the book, `.repeat(120);
}
