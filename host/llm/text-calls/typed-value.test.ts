import { expect, test } from 'vitest';
import { typedValue } from './typed-value.ts';

const root = {
  $defs: { Count: { type: 'integer' }, 'a/b': { anyOf: [{ $ref: '#/$defs/Count' }, { type: 'null' }] } },
};

test.each<[string, unknown, string, unknown]>([
  ['a string stays one', { type: 'string' }, '12', '12'],
  ['even one that spells a list', { type: 'string' }, '[1]', '[1]'],
  ['an integer', { type: 'integer' }, ' 12\n', 12],
  ['an integer with a fraction of nothing', { type: 'integer' }, '12.0', 12],
  ['a number', { type: 'number' }, '1.5', 1.5],
  ['an integer where a number is wanted', { type: 'number' }, '3', 3],
  ['a fraction where an integer is wanted', { type: 'integer' }, '1.5', '1.5'],
  ['words where a number is wanted', { type: 'number' }, 'many', 'many'],
  ['a boolean', { type: 'boolean' }, 'true', true],
  ['a boolean as Python writes it', { type: 'boolean' }, 'False', false],
  ['an array', { type: 'array' }, '["a", 1]', ['a', 1]],
  ['an object', { type: 'object' }, '{"a": {"b": []}}', { a: { b: [] } }],
  ['an array where an object is wanted', { type: 'object' }, '[]', '[]'],
  ['a broken array', { type: 'array' }, '["a"', '["a"'],
  ['null where it may be', { type: ['string', 'null'] }, 'null', null],
  ['None where null may be', { type: ['integer', 'null'] }, 'None', null],
  ['null where it may not', { type: 'string' }, 'null', 'null'],
  ['a word where a number would do, too', { anyOf: [{ type: 'string' }, { type: 'integer' }] }, '5', '5'],
  ['a list where a word would do, too', { anyOf: [{ type: 'string' }, { type: 'array' }] }, '["a"]', ['a']],
  [
    'a quoted list where a word would do, too',
    { anyOf: [{ type: 'string' }, { type: 'array' }] },
    '"[]"',
    '"[]"',
  ],
  ['a listed number', { enum: [1, 2] }, '2', 2],
  ['a listed word', { enum: ['1', '2'] }, '2', '2'],
  ['a constant', { const: true }, 'true', true],
  ['what a reference says', { $ref: '#/$defs/Count' }, '4', 4],
  ['what a reference of a reference says', { $ref: '#/$defs/a~1b' }, 'null', null],
  ['a reference to nothing', { $ref: '#/$defs/None' }, '4', '4'],
  ['an integer with bounds', { type: 'integer', allOf: [{ minimum: 1 }] }, '4', 4],
  ['no schema', undefined, '4', '4'],
  ['a schema that says nothing', {}, '{"a":1}', '{"a":1}'],
])('%s (LM-12)', (_name, schema, ...[written, expected]) => {
  expect(JSON.parse(typedValue(`\n${written}\n`, schema, root))).toEqual(expected);
});

test('a schema that refers to itself ends (LM-12)', () => {
  const own = { $defs: { A: { anyOf: [{ $ref: '#/$defs/A' }, { $ref: '#/$defs/A' }] } } };
  expect(typedValue('1', { $ref: '#/$defs/A' }, own)).toBe('"1"');
});
