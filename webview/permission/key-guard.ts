import type { PermissionReply } from '#shared/permission.ts';

export type Answer = PermissionReply['type'];

/** How long after its appearance a card hears no key, in milliseconds: what was typed was meant for something else. */
export const deafFor = 400;

/** One clock for both: `performance.now()` and an event's `timeStamp`. */
interface KeyMoment {
  readonly shownAt: number;
  readonly at: number;
  /** True for a key that is held down. */
  readonly repeat: boolean;
}

/** True when a key may act on the card. A held key never does: it was pressed for what stood there before. */
export function hearsKey({ shownAt, at, repeat }: KeyMoment): boolean {
  return !repeat && at - shownAt >= deafFor;
}

/** Keys that move the focus act on nothing and are always heard. */
export function onlyMoves(key: string): boolean {
  return (
    key === 'Tab' || key === 'Shift' || key === 'Escape' || key.startsWith('Arrow') || key.startsWith('Page')
  );
}

/** The answers in the order of their keys, 1 to 4. */
export const answers: readonly Answer[] = ['once', 'always', 'reject', 'never'];

/** The answer a digit stands for; undefined for other keys and for what is not offered. */
export function answerOf(key: string, offersAlways: boolean): Answer | undefined {
  const answer = digit.test(key) ? answers[Number(key) - 1] : undefined;
  return answer === 'always' && !offersAlways ? undefined : answer;
}

const digit = /^[1-4]$/u;
