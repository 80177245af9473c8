import type { MessageID } from '#shared/ids.ts';
import type { MessageWithParts } from '#shared/session.ts';
import { nextStep } from '../runner/next-step.ts';
import { historyTokens } from './estimate-tokens.ts';

/** What of the conversation stays word for word: see the fact `session.compacted`. */
export interface Tail {
  readonly answered: readonly MessageID[];
  readonly kept: readonly MessageID[];
  /** What the summary takes the place of, an earlier summary aside. Empty: there is nothing to fold. */
  readonly folded: readonly MessageWithParts[];
}

/**
 * The newest prompt stays, and what follows it where both fit into `room` (tokens) and something is before it. Messages
 * stay or go whole, so that no call loses its result; prompts that wait for their answer together stay together.
 */
export function chooseTail(history: readonly MessageWithParts[], room: number): Tail {
  const rest = history.filter((message) => !isSummary(message) && !isSynthetic(message));
  const start = newestPrompts(rest);
  const tail = rest.slice(start);
  if (start > 0 && historyTokens(tail) <= room) {
    return { answered: [], kept: tail.map(idOf), folded: rest.slice(0, start) };
  }
  const prompts = tail.filter(({ info }) => info.role === 'user');
  const folded = rest.filter((message) => !prompts.includes(message));
  const isUnderWay = nextStep(history, false).type !== 'end';
  return isUnderWay
    ? { answered: [], kept: prompts.map(idOf), folded }
    : { answered: prompts.map(idOf), kept: [], folded };
}

/** Where the newest run of prompts begins. */
function newestPrompts(history: readonly MessageWithParts[]): number {
  let start = history.findLastIndex(({ info }) => info.role === 'user');
  while (history[start - 1]?.info.role === 'user') start--;
  return Math.max(start, 0);
}

export function isSummary({ info }: MessageWithParts): boolean {
  return info.role === 'assistant' && info.summary === true;
}

/** What the host told the model in between is part of the next baseline (RT-07). */
function isSynthetic({ info }: MessageWithParts): boolean {
  return info.role === 'user' && info.synthetic === true;
}

function idOf({ info }: MessageWithParts): MessageID {
  return info.id;
}
