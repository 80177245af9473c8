import * as Schema from 'effect/Schema';
import { type ContextSource, defineSource } from '../context-source.ts';
import { oneLine } from '../one-line.ts';
import type { SourceWorld } from '../source-world.ts';

const Skills = Schema.Struct({
  skills: Schema.Array(Schema.Struct({ name: Schema.String, description: Schema.String })),
  /** How many there are beside these. */
  more: Schema.Int,
});
type Skills = typeof Skills.Type;

const maxTold = 50;

/** Which skills there are to load, by name. A project's are told in a trusted Location only. */
export function skillsSource(world: Pick<SourceWorld, 'skills' | 'isTrusted'>): ContextSource {
  return defineSource<Skills>({
    key: 'skills',
    codec: Skills,
    observe: async () => listOf(world),
    baseline: (value) => `Skills that can be loaded when their description fits the task:\n${lines(value)}`,
    update: (value) => `The skills that can be loaded are now these:\n${lines(value)}`,
    removal: () => 'There are no skills to load any more.',
  });
}

function listOf({ skills, isTrusted }: Pick<SourceWorld, 'skills' | 'isTrusted'>): Skills | undefined {
  const trusted = isTrusted();
  const all = skills()
    .filter(({ from }) => trusted || from === 'user')
    .map(({ name, description }) => ({ name: oneLine(name), description: oneLine(description) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  if (all.length === 0) return undefined;
  return { skills: all.slice(0, maxTold), more: Math.max(0, all.length - maxTold) };
}

function lines({ skills, more }: Skills): string {
  const told = skills.map(({ name, description }) => `- ${name}: ${description}`);
  return [...told, ...(more > 0 ? [`(and ${more} more)`] : [])].join('\n');
}
