import { joinTexts } from '#shared/join-texts.ts';
import type { AssistantMessage, MessageError } from '#shared/message.ts';
import type { Part, RetryPart } from '#shared/part.ts';
import type { MessageWithParts } from '#shared/session.ts';
import type { Turn } from '../store/turns.ts';

/** How a turn stands: what its last line says and offers. */
export type TurnEnd =
  /** Something of it moves on the screen already. */
  | { readonly type: 'live' }
  /** Nothing to see yet: `first` before any word of the answer, else between two steps. */
  | { readonly type: 'waiting'; readonly first: boolean }
  /** The provider refused for now, and is asked again. */
  | { readonly type: 'retrying'; readonly part: RetryPart }
  | { readonly type: 'interrupted' }
  | { readonly type: 'failed'; readonly error: MessageError }
  | { readonly type: 'done'; readonly last: AssistantMessage }
  /** Nothing answered, and nothing runs. */
  | { readonly type: 'open' };

/** Derives a turn's end. `running` is true only for the last turn of a session that has a drain. */
export function endOf(turn: Turn, running: boolean): TurnEnd {
  const newest = turn.entries.findLast((entry) => entry.info.role === 'assistant');
  if (running) return runningEnd(newest, turn);
  if (newest && isStoppedFold(newest)) return { type: 'interrupted' };
  const last = lastAnswer(turn);
  if (!last) return { type: 'open' };
  if (last.error?.name === 'MessageAbortedError') return { type: 'interrupted' };
  if (last.error) return { type: 'failed', error: last.error };
  // A turn that was never closed belongs to a process that is gone; one whose tools have run wants the next step.
  if (last.time.completed === undefined || last.finish === 'tool-calls') return { type: 'interrupted' };
  return { type: 'done', last };
}

function runningEnd(newest: MessageWithParts | undefined, turn: Turn): TurnEnd {
  const retry = newest && newestPart(newest);
  if (retry?.type === 'retry') return { type: 'retrying', part: retry };
  return isLive(newest) ? { type: 'live' } : { type: 'waiting', first: !hasContent(turn) };
}

function newestPart({ parts }: MessageWithParts): Part | undefined {
  return parts.findLast((each) => each.type !== 'step-finish');
}

/** The newest message of the answer itself. */
export function lastAnswer({ entries }: Turn): AssistantMessage | undefined {
  const info = entries.findLast(isAnswer)?.info;
  return info?.role === 'assistant' ? info : undefined;
}

/** A message of the answer itself: not the summary of a Compaction that fell into it. */
function isAnswer(message: MessageWithParts): boolean {
  return message.info.role === 'assistant' && !isSummary(message);
}

/** A Compaction that stood before the next step of the work and was cut off; one that the user asked for stands alone. */
function isStoppedFold(message: MessageWithParts): boolean {
  const { info, parts } = message;
  if (info.role !== 'assistant' || !isSummary(message)) return false;
  const stopped = info.error ? info.error.name === 'MessageAbortedError' : info.time.completed === undefined;
  return stopped && !parts.some((part) => part.type === 'compaction' && part.reason === 'manual');
}

/** After how many entries a turn's end is told: before Compactions that came later, unless one of them is the end. */
export function endPlace({ entries }: Turn, running: boolean): number {
  const newest = entries.at(-1);
  if (running || (newest && isStoppedFold(newest))) return entries.length;
  return entries.findLastIndex((entry) => !isSummary(entry)) + 1;
}

/** The message that a Compaction wrote. */
export function isSummary({ info }: MessageWithParts): boolean {
  return info.role === 'assistant' && info.summary === true;
}

/** True while the answer itself shows that something happens: growing text, a tool with its own line. */
function isLive(message: MessageWithParts | undefined): boolean {
  if (message?.info.role !== 'assistant' || message.info.time.completed !== undefined) return false;
  // A running Compaction has its own line.
  if (isSummary(message)) return true;
  const part = newestPart(message);
  if (part === undefined) return false;
  switch (part.type) {
    case 'text':
      return part.text !== '' && part.time?.end === undefined;
    case 'reasoning':
      return part.time.end === undefined;
    case 'tool':
      return message.parts.some((each) => each.type === 'tool' && isUnsettled(each.state.status));
    case 'retry':
    case 'native':
    case 'context':
    case 'compaction':
    case 'step-finish':
      return false;
  }
}

function isUnsettled(status: 'pending' | 'running' | 'completed' | 'error'): boolean {
  return status === 'pending' || status === 'running';
}

function hasContent(turn: Turn): boolean {
  return turn.entries.some((entry) => isAnswer(entry) && entry.parts.some(isContent));
}

function isContent(part: MessageWithParts['parts'][number]): boolean {
  return part.type === 'tool' || ((part.type === 'text' || part.type === 'reasoning') && part.text !== '');
}

/** The answer's own words, for the clipboard. */
export function answerText(turn: Turn): string {
  return turn.entries
    .filter(isAnswer)
    .flatMap((entry) => joinTexts(entry.parts))
    .flatMap((part) => (part.type === 'text' && part.text !== '' ? [part.text] : []))
    .join('\n\n');
}

/** Milliseconds from the prompt to the end of the last answer. */
export function turnDuration(turn: Turn, last: AssistantMessage): number {
  const start = (turn.prompt ?? turn.entries[0])?.info.time.created ?? last.time.created;
  return (last.time.completed ?? start) - start;
}

/** Dollars of the whole turn, without Compactions: those say their own. */
export function turnCost(turn: Turn): number {
  return turn.entries
    .filter(isAnswer)
    .reduce((sum, { info }) => sum + (info.role === 'assistant' ? info.cost : 0), 0);
}
