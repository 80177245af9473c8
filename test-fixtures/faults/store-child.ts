// A program that works on a store of notes until it is ended: by a signal, by MILLRACE_BREAK, or by `opens`.
//
//     node store-child.ts '{ "directory": …, "name": … }'
//
// On standard output, one JSON line each: see `StoreLine`. It adds notes, eight at a time, takes a new owner every
// thirty, and deletes and erases older owners, so that snapshots, shelves and erasures are always under way.

import { writeSync } from 'node:fs';
import { hasty } from '#host/store/testing/hasty.ts';
import { type OpenToyStore, openToyStore, type ToyStore } from '#host/store/testing/toy-store.ts';
import { HostError } from '#shared/host-error.ts';
import type { ChildOptions, OpenLine, StoreLine } from './store-lines.ts';
import { noteText } from './store-lines.ts';

const options: ChildOptions = JSON.parse(process.argv[2] ?? '{}');
const {
  directory,
  name,
  ownership = 'refuse',
  opens = 1,
  commits = Number.POSITIVE_INFINITY,
  pauseMs = 0,
} = options;
const perOwner = 30;
let count = 0;
let erasing: Promise<void> | undefined;
let isEnding = false;
process.once('SIGTERM', () => {
  isEnding = true;
});

for (let round = 0; round < opens; round++) {
  await using store = await openToyStore(directory, {
    surface: name,
    ownership,
    policy: options.policy ?? hasty,
    workerUrl: new URL('../../host/store/testing/breaking-worker.ts', import.meta.url),
  });
  say(await lookAtOpening(store));
  const end = count + commits;
  await Promise.all(Array.from({ length: 8 }, () => commitUntil(store, end)));
  if (isEnding) say(await lookAt(store, 'end'));
}

/** One that was overruled before it could look says that. */
async function lookAtOpening(store: OpenToyStore): Promise<StoreLine> {
  try {
    return await lookAt(store, 'open');
  } catch (error) {
    if (codeOf(error) !== 'store.other-owner') throw error;
    return { type: 'stopped', code: codeOf(error) };
  }
}

async function lookAt(store: OpenToyStore, type: OpenLine['type']): Promise<OpenLine> {
  const notes = await store.read('note.all');
  return {
    type,
    state: store.state.type === 'writable' ? 'writable' : store.state.code,
    notes: notes.map(({ id, text, seq }) => [id, seq, text === noteText(id)] as const),
    gone: (await store.read('owner.gone')).map(({ owner }) => owner),
    notices: store.notices.map(({ code }) => code),
  };
}

async function commitUntil(store: ToyStore, end: number): Promise<void> {
  while (count < end && !isEnding) {
    count += 1;
    const id = `${name}x${Math.floor(count / perOwner)}.n${count}`;
    if (count % perOwner === 0) erasing ??= eraseOldest(store);
    if (count % perOwner === 0 && options.quiet) await erasing;
    try {
      const { seq } = await store.commit([{ type: 'note.added', id, text: noteText(id) }]);
      if (!options.quiet) say({ type: 'acknowledged', id, seq });
      else if (count % 100 === 0) say({ type: 'committed', count });
    } catch (error) {
      say({
        type: 'refused',
        id,
        code: codeOf(error),
        why: String(error instanceof HostError ? error.data['0'] : error),
      });
      // Each of the eight says how it was refused, once.
      if (store.state.type !== 'writable') return;
    }
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** All but the newest two owners, one after the other. */
async function eraseOldest(store: ToyStore): Promise<void> {
  try {
    const ids = await store.read('note.ids');
    const all = [...new Set(ids.map((id) => id.slice(0, id.indexOf('.'))))];
    const owners = options.erases === 'own' ? all.filter((owner) => owner.startsWith(`${name}x`)) : all;
    // A load that stays the same, where that is asked for: nothing is added faster than it is erased.
    for (const owner of options.quiet ? owners.slice(0, -2) : owners.slice(0, -2).slice(0, 2)) {
      say({ type: 'deleting', owner });
      await store.commit([{ type: 'owner.deleted', owner }]);
      say({ type: 'deleted', owner });
      await store.erase(owner);
      say({ type: 'erased', owner });
      if (isEnding) return;
    }
  } catch (error) {
    say({ type: 'stopped', code: codeOf(error) });
  } finally {
    erasing = undefined;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

/** In the kernel when this returns: a line that only waits in this process would die with it. */
function say(line: StoreLine): void {
  for (let rest = Buffer.from(`${JSON.stringify(line)}\n`); rest.length > 0; )
    rest = rest.subarray(written(rest));
}

/** A parent that is slow to read leaves no room for a while. */
function written(bytes: Buffer): number {
  try {
    return writeSync(1, bytes);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    return 0;
  }
}
