// A program that does nothing but commit, to be killed, stopped and raced by tests.
//
//     node store-writer.ts DIRECTORY NAME [OPENS]
//
// It opens the store (taking it over), commits notes `NAME-1`, `NAME-2`, … sixteen at a time, and says on standard
// output, one JSON line each: `{ "open": [ids found] }`, `{ "acknowledged": id }`, `{ "refused": id, "code": … }`.
// With OPENS it closes and opens again that many times, forty commits each, and ends; else it goes on for ever.
import { openToyStore, type ToyStore } from '#host/store/testing/toy-store.ts';

const [directory = '', name = '', opens = ''] = process.argv.slice(2);
const rounds = opens === '' ? 1 : Number(opens);
const commitsPerRound = opens === '' ? Number.POSITIVE_INFINITY : 40;
let count = 0;

for (let round = 0; round < rounds; round++) {
  await using store = await openToyStore(directory, { surface: name });
  say({ open: (await store.read('note.all')).map(({ id }) => id) });
  const end = count + commitsPerRound;
  await Promise.all(Array.from({ length: 16 }, () => commitUntil(store, end)));
}

async function commitUntil(store: ToyStore, end: number): Promise<void> {
  while (count < end) {
    count += 1;
    const id = `${name}-${count}`;
    try {
      await store.commit([{ type: 'note.added', id, text: textOf(id) }]);
      say({ acknowledged: id });
    } catch (error) {
      say({
        refused: id,
        code: error instanceof Error && 'code' in error ? String(error.code) : String(error),
      });
      // Each of the sixteen says how it was refused, once.
      if (store.state.type !== 'writable') return;
    }
  }
}

/** Some fit into one sector of the disk, some do not, and some stay out of the index. */
function textOf(id: string): string {
  return id.repeat(1 + (Number(id.slice(id.lastIndexOf('-') + 1)) % 300));
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
