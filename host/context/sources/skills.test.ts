import { expect, test } from 'vitest';
import type { Skill } from '../source-world.ts';
import { promoting } from '../testing/source-world.ts';
import { skillsSource } from './skills.ts';

async function told(skills: readonly Skill[], trusted = true): Promise<string | undefined> {
  const source = skillsSource({ skills: () => skills, isTrusted: () => trusted });
  return source.read(await source.observe(promoting))?.baseline();
}

const skill = (name: string, from: Skill['from'] = 'user'): Skill => ({
  name,
  description: `Does ${name}.`,
  from,
});

test('skills are told by name and description, in the order of names', async () => {
  const text =
    'Skills that can be loaded when their description fits the task:\n- deploy: Does deploy.\n- test: Does test.';
  expect(await told([skill('test'), skill('deploy', 'project')])).toBe(text);
  expect(await told([])).toBeUndefined();
});

test('in an untrusted Location a project’s skills are not told (QA-02)', async () => {
  expect(await told([skill('mine'), skill('theirs', 'project')], false)).not.toContain('theirs');
  expect(await told([skill('theirs', 'project')], false)).toBeUndefined();
});

test('at most 50 skills are told, each on one line of bounded length', async () => {
  const many = Array.from({ length: 52 }, (_, at) => ({
    ...skill(`s${at}`),
    description: 'x\n'.repeat(1_000),
  }));
  const lines = (await told(many))?.split('\n') ?? [];
  expect(lines).toHaveLength(52);
  expect(lines.at(-1)).toBe('(and 2 more)');
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(250);
});
