import { expect, test } from 'vitest';
import { catalogWith, lab, labKey, priced, refOf } from './testing/catalog-rig.ts';

test('a cheap model beside another is the newest of its maker at a third of its price or less', () => {
  const models = {
    'us.acme.large-9': priced(6, '2026-05-01'),
    'us.acme.large-small-8': priced(1, '2026-01-01'),
    'us.acme.large-small-9': priced(2, '2026-04-01'),
    'us.acme.large-gone': priced(1, '2026-06-01', { status: 'deprecated' }),
    'us.acme.large-dear': priced(2.1, '2026-06-01'),
    'us.acme.large-free': priced(0, '2026-06-01'),
    'us.acme.large-voice': priced(1, '2026-06-01', {
      modalities: { input: ['text'], output: ['text', 'audio'] },
    }),
    'eu.acme.large-9': priced(1, '2026-06-01'),
  };
  const catalog = catalogWith({ providers: lab(models), variables: labKey });
  expect(catalog.smallModel(refOf('lab/us.acme.large-9'))?.modelID).toBe('us.acme.large-small-9');
  expect(catalog.smallModel(refOf('lab/eu.acme.large-9'))).toBeUndefined();
  expect(catalog.smallModel(refOf('nobody/knows'))).toBeUndefined();
});

test('a session starts with the first model that opencode.json lists', () => {
  const models = { old: priced(5, '2025-01-01'), now: priced(5, '2026-06-01') };
  const world = { providers: lab(models), variables: labKey };
  const user = { provider: { lab: { models: { old: { name: 'Mine' } } } } };
  expect(catalogWith({ ...world, user }).defaultModel).toEqual(refOf('lab/old'));
  expect(catalogWith(world).defaultModel).toEqual(refOf('lab/now'));
  expect(catalogWith({ providers: lab(models) }).defaultModel).toBeUndefined();
});

test('where nobody chose, a session starts with a new model of the middle range that thinks and acts', () => {
  const models = {
    'old-1': priced(4, '2025-01-01'),
    'mid-2': priced(5, '2026-06-01'),
    'mini-3': priced(0.5, '2026-07-01'),
    'huge-3': priced(50, '2026-07-01'),
    'mute-3': priced(5, '2026-08-01', { tool_call: false }),
    'plain-3': priced(5, '2026-08-01', { reasoning: false }),
  };
  expect(catalogWith({ providers: lab(models), variables: labKey }).defaultModel).toEqual(refOf('lab/mid-2'));
  const many = { ...models, known: priced(5, '2026-01-01', { family: 'claude-opus' }) };
  expect(catalogWith({ providers: lab(many), variables: labKey }).defaultModel).toEqual(refOf('lab/known'));
});
