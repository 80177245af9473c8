import type { Disk } from '#host/store/disk.ts';
import { holdingsOf } from '#host/store/testing/lives.ts';
import type { MemoryDisk } from '#host/store/testing/memory-disk.ts';
import { type Holdings, Violation } from '#host/store/testing/oracle.ts';
import { freeToys, openToy, type Toy } from '#host/store/testing/toy-engine.ts';

/**
 * How a store stands to damage of its files:
 *
 *     untouched   everything is there, and nothing is said
 *     mended      everything is there, and what was set aside is said
 *     reported    something is missing, and that is said: read-only, or `store.damaged` at the note itself
 *     torn        the end is missing and passes for a write that was cut off
 */
export type Standing = 'untouched' | 'mended' | 'reported' | 'torn';

/**
 * Opens a damaged folder.
 * @param spoil a store that forgets to look.
 * @throws Violation for wrong data, for loss that nobody is told of, and when the second open goes on mending
 */
export function standingOf(
  disk: MemoryDisk,
  whole: Holdings,
  spoil: (disk: Disk) => Disk = (each) => each,
): Standing {
  const first = openToy(spoil(disk));
  const standing = look(first, whole);
  const second = openToy(spoil(disk));
  // What passed for a torn write was cut, and that was said.
  const again = look(second, standing === 'torn' ? holdingsOf(first) : whole);
  const isMended = first.engine.state.type === 'read-only' || second.notices.length === 0;
  if (!isMended) throw new Violation(`the second open finds something to mend: ${second.notices[0]?.code}`);
  const isSame = standing === again || standing === 'mended' || standing === 'torn';
  if (!isSame) throw new Violation(`${standing} at first, and then ${again}`);
  freeToys();
  return standing;
}

function look(toy: Toy, whole: Holdings): Standing {
  const [defect] = toy.defects;
  if (defect !== undefined) throw new Violation(`a defect: ${String(defect)}`);
  const unreadable = wrongOrUnreadable(toy, whole);
  const ids = idsOf(toy);
  const expected = whole.notes.map(({ id }) => id);
  if (ids.some((id, index) => id !== expected[index]))
    throw new Violation('notes that were never there, or reordered');
  const codes = toy.notices.map(({ code }) => code);
  if (toy.engine.state.type === 'read-only') {
    if (codes.length === 0) throw new Violation('read-only, and nobody is told');
    return 'reported';
  }
  if (unreadable > 0) return 'reported';
  if (ids.length < expected.length) {
    if (codes.length === 0) throw new Violation(`${expected.length - ids.length} lost, and nobody is told`);
    return 'torn';
  }
  if (JSON.stringify(holdingsOf(toy)) !== JSON.stringify(whole))
    throw new Violation('something else than was there');
  return codes.length > 0 ? 'mended' : 'untouched';
}

/** Each note alone: damage of one must not hide the others. */
function wrongOrUnreadable({ engine }: Toy, whole: Holdings): number {
  let unreadable = 0;
  for (const { id, text } of whole.notes) {
    try {
      const found = engine.read('note.get', { id });
      if (found !== undefined && found !== text) throw new Violation(`wrong data in ${id}`);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'store.damaged')) throw error;
      unreadable += 1;
    }
  }
  return unreadable;
}

function idsOf({ engine }: Toy): readonly string[] {
  return (engine.read('note.ids', undefined) as readonly string[]).filter((id) => id !== '');
}
