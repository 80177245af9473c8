import { say } from '#shared/words.ts';
import type { KnownSession } from './known-sessions.ts';
import { minuteOf } from './local-time.ts';
import { cutTo, plainLine } from './plain-text.ts';
import { table } from './table.ts';

const longestTitle = 40;
const longestSurface = 28;

/** One line for each session, under a heading; cut to `columns` where there is a terminal. */
export function sessionTable(sessions: readonly KnownSession[], columns: number | undefined): string {
  const heading = [
    say({}, 'cli.column.id'),
    say({}, 'cli.column.title'),
    say({}, 'cli.column.changed'),
    say({}, 'cli.column.surface'),
    say({}, 'cli.column.folder'),
  ];
  return table([heading, ...sessions.map(cells)], columns);
}

function cells({ info, store }: KnownSession): readonly string[] {
  return [
    plainLine(info.id),
    cutTo(plainLine(info.title), longestTitle),
    minuteOf(info.time.updated),
    cutTo(plainLine(store.surface), longestSurface),
    plainLine(info.directory),
  ];
}
