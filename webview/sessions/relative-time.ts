const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** How long ago, in the reader's language: "3 min. ago", "yesterday". Takes milliseconds since the epoch. */
export function relativeTime(then: number, now: number): string {
  const seconds = Math.min(0, (then - now) / 1_000);
  const [unit, size] = steps.find(([, length]) => -seconds >= length) ?? ['minute', 60];
  return format.format(Math.trunc(seconds / size), unit);
}

const format = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' });
