import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Violation } from '#host/store/testing/oracle.ts';
import { openToyStore, temporaryFolder } from '#host/store/testing/toy-store.ts';
import { startStore } from './children.ts';
import { portion, type Scenario, Tally } from './scenario.ts';
import { noteText, type StoreLine } from './store-lines.ts';

const fullCopies = 200;

/**
 * T13: the folder is copied file by file while its owner writes, makes snapshots and erases; the copy is opened. It
 * may be of no one moment: then the store has to say so. It never shows wrong data, and is never short in silence.
 */
export const liveCopies: Scenario = {
  name: 'T13 copies of a live folder',
  async run(options) {
    const tally = new Tally();
    const copies = portion(fullCopies, options, 4);
    // An owner that goes on and on makes folders that take long to copy, and nothing new is seen in them.
    for (let first = 0; first < copies; first += perOwner)
      await copyWhileWritten(Math.min(perOwner, copies - first), tally);
    return tally.outcome();
  },
};

const perOwner = 20;

async function copyWhileWritten(copies: number, tally: Tally): Promise<void> {
  using folder = temporaryFolder();
  const directory = join(folder.path, 'live');
  await using child = startStore({ directory, name: 'live', pauseMs: 1 });
  await child.said(({ type }) => type === 'acknowledged', 30);
  for (let copy = 0; copy < copies; copy++) {
    await tally.try(`copy ${copy}`, async () => {
      // What is said after this is written perhaps while the copy is being made.
      let before = [...child.lines];
      const to = join(folder.path, `copy-${copy}`);
      while (!tryCopying(directory, to)) {
        tally.count('copies begun anew');
        rmSync(to, { recursive: true });
        before = [...child.lines];
      }
      tally.count(await openCopy(to, before, child.lines));
      rmSync(to, { recursive: true });
    });
    await child.said(({ type }) => type === 'acknowledged', 40 * (copy + 2));
  }
}

/**
 * A file that goes away while it is being copied makes the copying program fail, not the store. Node's own `cpSync` would
 * not do: it never comes back from a file that is cut while it is being copied.
 */
function tryCopying(from: string, to: string): boolean {
  try {
    mkdirSync(to, { recursive: true });
    for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      const copy = join(to, relative(from, path));
      mkdirSync(dirname(copy), { recursive: true });
      if (entry.isFile()) writeFileSync(copy, readFileSync(path));
    }
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

async function openCopy(
  directory: string,
  before: readonly StoreLine[],
  lines: readonly StoreLine[],
): Promise<'copies that are whole' | 'copies that say what is wrong'> {
  await using store = await openToyStore(directory, { ownership: 'refuse' });
  const deleted = new Set(lines.flatMap((line) => (line.type === 'deleting' ? [line.owner] : [])));
  const ids = new Set(await store.read('note.ids'));
  let unreadable = 0;
  for (const id of ids) {
    const text = await readNote(store, id);
    if (text === 'unreadable') unreadable += 1;
    else if (text !== noteText(id)) throw new Violation(`wrong data in ${id}`);
  }
  const missing = before.filter(
    (line) =>
      line.type === 'acknowledged' &&
      !ids.has(line.id) &&
      !deleted.has(line.id.slice(0, line.id.indexOf('.'))),
  );
  if (store.state.type === 'read-only' || unreadable > 0) return 'copies that say what is wrong';
  if (missing.length > 0)
    throw new Violation(`${missing.length} of ${before.length} lost, and nobody is told`);
  return 'copies that are whole';
}

async function readNote(
  store: Awaited<ReturnType<typeof openToyStore>>,
  id: string,
): Promise<string | undefined> {
  try {
    return await store.read('note.get', { id });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'store.damaged') return 'unreadable';
    throw error;
  }
}
