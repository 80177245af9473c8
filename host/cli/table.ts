import { cutTo, widthOf } from './plain-text.ts';

/** One line for each row, its cells below one another; cut to `columns` where there is a terminal. */
export function table(rows: readonly (readonly string[])[], columns: number | undefined): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? ''))),
  );
  return rows.map((row) => `${line(row, widths, columns)}\n`).join('');
}

function line(row: readonly string[], widths: readonly number[], columns: number | undefined): string {
  const padded = row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)));
  const whole = padded.join('  ').trimEnd();
  return columns === undefined ? whole : cutTo(whole, columns);
}
