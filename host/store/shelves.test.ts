import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isShelfName, pointerPrefix, readShelf, Shelves, shelfPlace } from './shelves.ts';
import { hookedDisk } from './testing/hooked-disk.ts';
import { MemoryDisk } from './testing/memory-disk.ts';

const isOwner = () => undefined;

function read(disk: MemoryDisk, pointer = ''): string | undefined {
  const place = shelfPlace(pointer);
  const bytes = place && readShelf(disk, place);
  return bytes && Buffer.from(bytes).toString();
}

test('bodies come back as they were put, whatever else was put on which shelf', () => {
  const body = fc.record({
    shelf: fc.constantFrom('ses_a', 'ses_b', 'x'),
    text: fc.string({ unit: 'grapheme' }),
  });
  fc.assert(
    fc.property(fc.array(fc.array(body, { maxLength: 5 }), { maxLength: 5 }), (rounds) => {
      const disk = new MemoryDisk();
      const found = rounds.flatMap((bodies) => {
        const pointers = new Shelves(disk, isOwner).put(
          bodies.map(({ shelf, text }) => ({ shelf, bytes: Buffer.from(text) })),
        );
        return bodies.map(({ shelf, text }, index) => ({ shelf, text, pointer: pointers[index] ?? '' }));
      });
      for (const { shelf, text, pointer } of found) {
        expect(read(disk, pointer)).toBe(text);
        expect(pointer.startsWith(pointerPrefix(shelf))).toBe(true);
      }
    }),
  );
});

test('a frame of another shelf, or of another body in the same place, never passes', () => {
  const disk = new MemoryDisk();
  const [a = '', b = ''] = new Shelves(disk, isOwner).put([
    { shelf: 'a', bytes: Buffer.from('one body') },
    { shelf: 'b', bytes: Buffer.from('one body') },
  ]);
  const files = new Map(disk.files);
  const exchanged = new MemoryDisk(
    new Map([
      ['bodies/a.log', files.get('bodies/b.log') ?? Buffer.alloc(0)],
      ['bodies/b.log', files.get('bodies/a.log') ?? Buffer.alloc(0)],
    ]),
  );
  expect([read(exchanged, a), read(exchanged, b)]).toEqual([undefined, undefined]);
  const other = new MemoryDisk();
  new Shelves(other, isOwner).put([{ shelf: 'a', bytes: Buffer.from('two body') }]);
  expect(read(other, a)).toBeUndefined();
});

test('bodies that another process’s came in front of are put again, where they can be pointed to', () => {
  const disk = new MemoryDisk();
  let isFirst = true;
  const raced = hookedDisk(disk, ({ verb, file }) => {
    if (verb !== 'append' || !isFirst) return undefined;
    isFirst = false;
    disk.append(file, Buffer.from('of another'));
    return undefined;
  });
  // What `append` says where the bytes stand, as it would look if the other's came right after the look at the size.
  const mistaken = {
    ...raced,
    append: (file: string, bytes: Uint8Array) => {
      const size = disk.list('bodies').length === 0 ? 0 : disk.read(file).length;
      raced.append(file, bytes);
      return size;
    },
  };
  const [pointer] = new Shelves(mistaken, isOwner).put([{ shelf: 'a', bytes: Buffer.from('mine') }]);
  expect(read(disk, pointer)).toBe('mine');
});

test('an owner that was overruled adds nothing, and takes out what it added right after its last look', () => {
  const disk = new MemoryDisk();
  new Shelves(disk, isOwner).put([{ shelf: 'a', bytes: Buffer.from('theirs') }]);
  const before = disk.read('bodies/a.log');
  let isOverruled = true;
  const checkOwner = () => {
    if (isOverruled) throw new Error('overruled');
  };
  const late = [{ shelf: 'a', bytes: Buffer.from('erased meanwhile') }];
  expect(() => new Shelves(disk, checkOwner).put(late)).toThrow('overruled');
  expect(disk.read('bodies/a.log')).toEqual(before);

  isOverruled = false;
  // Stopped behind the look, woken when the shelf is gone and another owner has begun it anew.
  const stopped = hookedDisk(disk, ({ verb }) => {
    if (verb !== 'append' || isOverruled) return undefined;
    isOverruled = true;
    return undefined;
  });
  expect(() => new Shelves(stopped, checkOwner).put(late)).toThrow('overruled');
  const [mine] = new Shelves(disk, isOwner).put([{ shelf: 'a', bytes: Buffer.from('mine') }]);
  expect(Buffer.from(disk.read('bodies/a.log')).includes('erased meanwhile')).toBe(false);
  expect(Buffer.from(disk.read('bodies/a.log').subarray(0, before.length))).toEqual(Buffer.from(before));
  expect(read(disk, mine)).toBe('mine');
});

test('everything is durable when bodies are put, the names included', () => {
  const disk = new MemoryDisk();
  const [pointer] = new Shelves(disk, isOwner).put([{ shelf: 'a', bytes: Buffer.from('mine') }]);
  const cut = disk.powerCut({ random: () => 0, entries: 'prefix' });
  expect(read(cut, pointer)).toBe('mine');
  // A name that an owner left whose sync failed is made durable by the next one.
  const left = new MemoryDisk();
  left.append('bodies/b.log', Buffer.from('rest'));
  const [second] = new Shelves(left, isOwner).put([{ shelf: 'b', bytes: Buffer.from('mine') }]);
  expect(read(left.powerCut({ random: () => 0, entries: 'prefix' }), second)).toBe('mine');
});

test('only names that are safe as a file’s are a shelf’s', () => {
  for (const name of ['ses_01ABC', 'x', '_']) expect(isShelfName(name)).toBe(true);
  for (const name of ['', '.', '..', 'a/b', 'a\\b', 'a b', 'ä', 'x'.repeat(129), undefined, 7]) {
    expect(isShelfName(name)).toBe(false);
  }
});
