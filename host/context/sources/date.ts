import * as Schema from 'effect/Schema';
import { type ContextSource, defineSource } from '../context-source.ts';
import type { SourceWorld } from '../source-world.ts';

const Today = Schema.Struct({ date: Schema.String });

/** The day where the user is, without the time: that would change the context with every turn. */
export function dateSource({ clock }: Pick<SourceWorld, 'clock'>): ContextSource {
  return defineSource<typeof Today.Type>({
    key: 'date',
    codec: Today,
    observe: async () => ({ date: localDate(new Date(clock.now())) }),
    baseline: ({ date }) => `Today is ${date}.`,
    update: ({ date }) => `Today is now ${date}.`,
    removal: () => 'The date is not known any more.',
  });
}

function localDate(time: Date): string {
  const digits = (value: number) => String(value).padStart(2, '0');
  return `${time.getFullYear()}-${digits(time.getMonth() + 1)}-${digits(time.getDate())}`;
}
