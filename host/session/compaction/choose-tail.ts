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
 * The newest prompt stays, and of the newest `turns`, a prompt with all that follows it, so many as fit into `room`
 * (tokens) with something before them. Messages stay or go whole, so that no call loses its result; prompts that wait
 * for their answer together stay together.
 */
export function chooseTail(history: readonly MessageWithParts[], room: number, turns = 1): Tail {
  const rest = history.filter((message) => !isSummary(message) && !isSynthetic(message));
  const starts = turnStarts(rest).slice(0, turns);
  const start = starts.findLast((each) => each > 0 && historyTokens(rest.slice(each)) <= room);
  if (start !== undefined)
    return { answered: [], kept: rest.slice(start).map(idOf), folded: rest.slice(0, start) };
  const prompts = rest.slice(turnStarts(rest)[0] ?? 0).filter(({ info }) => info.role === 'user');
  const folded = rest.filter((message) => !prompts.includes(message));
  const isUnderWay = nextStep(history, false).type !== 'end';
  return isUnderWay
    ? { answered: [], kept: prompts.map(idOf), folded }
    : { answered: prompts.map(idOf), kept: [], folded };
}

/** Where each run of prompts begins, the newest first. */
function turnStarts(history: readonly MessageWithParts[]): readonly number[] {
  const isPrompt = (index: number) => history[index]?.info.role === 'user';
  return history
    .map((_, index) => index)
    .filter((index) => isPrompt(index) && !isPrompt(index - 1))
    .reverse();
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
