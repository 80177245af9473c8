import { expect, test } from 'vitest';
import { readModelsFile, withOrigin, writeModelsFile } from './models-file.ts';
import { catalogOf, modelWith, providerWith, servedWith } from './testing/small-catalog.ts';

const lab = (models: Readonly<Record<string, unknown>>) => ({ lab: providerWith({ id: 'lab', models }) });

test('an entry that does not decode is left out and told, and the others stay (LM-04)', () => {
  const told: string[] = [];
  const data = catalogOf(
    {
      ...lab({ good: modelWith(), bad: modelWith({ limit: { context: 'much', output: 1 } }), worse: 7 }),
      nameless: { ...providerWith({ id: 'nameless' }), name: 3 },
    },
    (entry, reason) => told.push(`${entry}: ${reason}`),
  );
  expect(told).toHaveLength(1);
  expect([...data.models('lab').keys()]).toEqual(['good']);
  expect(data.provider('nameless')).toBeUndefined();
  expect(told.slice(1).map((each) => each.split(':')[0])).toEqual(['lab/bad', 'lab/worse']);
  expect(told[1]).toContain('context');
  expect(data.models('filler-3')).toEqual(new Map());
});

test('null among the efforts and words of later catalogues are no reason to leave a model out (LM-07)', () => {
  const later = modelWith({
    reasoning_options: [
      { type: 'effort', values: ['low', null] },
      { type: 'mood', range: [1, 2] },
    ],
    modalities: { input: ['text', 'smell'], output: ['text'] },
    status: 'retired',
    feelings: { many: true },
  });
  const data = catalogOf(lab({ later }), (entry, reason) => expect.fail(`${entry}: ${reason}`));
  expect(data.models('lab').get('later')).toMatchObject({ name: 'M', status: 'retired' });
  expect(data.models('lab').get('later')).not.toHaveProperty('feelings');
});

test('names that every object inherits are entries only where a file has them', () => {
  const data = catalogOf(lab({ constructor: modelWith() }));
  expect(data.provider('toString')).toBeUndefined();
  expect([...data.models('lab').keys()]).toEqual(['constructor']);
  expect(data.models('constructor').size).toBe(0);
});

test('equal catalogues give equal bytes, whatever order they are served in (LM-04)', () => {
  const turned = (value: unknown): unknown =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toReversed())
      : value;
  const served = servedWith(lab({ a: modelWith(), b: modelWith() }));
  const upside = turned({
    ...served,
    lab: turned({ ...served['lab'], models: { b: turned(modelWith()), a: modelWith() } }),
  });
  expect(Buffer.from(writeModelsFile(upside)).equals(writeModelsFile(served))).toBe(true);
});

test('a file knows of its age and its origin, and keeps its content when that changes', () => {
  const bytes = writeModelsFile(servedWith(lab({ a: modelWith({ last_updated: '2026-05-04' }) })), {
    etag: 'W/"1"',
  });
  const again = readModelsFile(withOrigin(bytes, { checkedAt: 12 }), () => undefined);
  expect(again).toMatchObject({ etag: 'W/"1"', checkedAt: 12, models: { date: '2026-05-04' } });
  expect([...again.models.models('lab').keys()]).toEqual(['a']);
});

test('what is no catalogue is refused as a whole', () => {
  const damaged = expect.objectContaining({ code: 'models.damaged' });
  const bytes = writeModelsFile(servedWith(lab({})));
  const read = (text: Uint8Array) => readModelsFile(text, () => undefined);
  expect(() => read(bytes.subarray(0, bytes.lastIndexOf(10)))).toThrow(damaged);
  expect(() => read(Buffer.from('<html>'))).toThrow(damaged);
  expect(() => read(new Uint8Array())).toThrow(damaged);
  for (const served of [null, [], 'x', { error: 'not found' }, { lab: providerWith({ id: 'lab' }) }])
    expect(() => writeModelsFile(served)).toThrow(damaged);
});
