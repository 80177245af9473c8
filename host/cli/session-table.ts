import { say } from '#shared/words.ts';
import type { KnownSession } from './known-sessions.ts';
import { minuteOf } from './local-time.ts';
import { cutTo, plainLine, widthOf } from './plain-text.ts';

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
  const rows = [heading, ...sessions.map(cells)];
  const widths = heading.map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ''))));
  return rows.map((row) => `${line(row, widths, columns)}\n`).join('');
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

function line(row: readonly string[], widths: readonly number[], columns: number | undefined): string {
  const padded = row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)));
  const whole = padded.join('  ').trimEnd();
  return columns === undefined ? whole : cutTo(whole, columns);
}
