import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { formatOnePages, pageProjection, writeFormatOne } from './testing/format-one.ts';
import { MemoryDisk } from './testing/memory-disk.ts';
import { eager, openToy } from './testing/toy-engine.ts';

const projections = [pageProjection];
const pages = { name: 'page.all', args: undefined };

function storedFolder(): MemoryDisk {
  const text = readFileSync(new URL('testing/format-one.json', import.meta.url), 'utf8');
  const packed: [string, string][] = Object.entries(JSON.parse(text));
  return new MemoryDisk(
    new Map(packed.map(([file, bytes]) => [file, gunzipSync(Buffer.from(bytes, 'base64'))])),
  );
}

test('a folder of the first format is read, and gone on with', () => {
  const disk = storedFolder();
  const { engine, notices, upkeep } = openToy(disk, { projections, policy: eager });
  expect(engine.read(pages.name, pages.args)).toEqual(formatOnePages);
  expect([engine.state, notices]).toEqual([{ type: 'writable' }, []]);
  const event = { type: 'page.written', id: 'f', book: 'kept', text: 'new' };
  expect(engine.stage({ time: 1, events: JSON.stringify([event]) })).toBe(7);
  expect(engine.flush()).toBeUndefined();
  engine.settle();
  expect(upkeep()).toBeUndefined();
  const again = openToy(disk, { projections });
  expect(again.engine.read(pages.name, pages.args)).toEqual([
    ...formatOnePages,
    { id: 'f', text: 'new', seq: 7, time: 1 },
  ]);
});

test('each of its snapshots can be lost', () => {
  const disk = storedFolder();
  const snapshots = disk.list('.').filter((name) => name.startsWith('snapshot-'));
  expect(snapshots).toHaveLength(2);
  for (const file of snapshots) {
    const { engine } = openToy(disk.copy({ file, bytes: Buffer.from('x') }), { projections });
    expect(engine.read(pages.name, pages.args)).toEqual(formatOnePages);
  }
});

test('what is written today is read in the same way', () => {
  const { engine, notices } = openToy(writeFormatOne(), { projections });
  expect(engine.read(pages.name, pages.args)).toEqual(formatOnePages);
  expect(notices).toEqual([]);
});
