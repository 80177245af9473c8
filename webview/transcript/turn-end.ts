import type { AssistantMessage, MessageError } from '#shared/message.ts';
import type { MessageWithParts } from '#shared/session.ts';
import type { Turn } from '../store/turns.ts';

/** How a turn stands: what its last line says and offers. */
export type TurnEnd =
  /** Something of it moves on the screen already. */
  | { readonly type: 'live' }
  /** Nothing to see yet: `first` before any word of the answer, else between two steps. */
  | { readonly type: 'waiting'; readonly first: boolean }
  | { readonly type: 'interrupted' }
  | { readonly type: 'failed'; readonly error: MessageError }
  | { readonly type: 'done'; readonly last: AssistantMessage }
  /** Nothing answered, and nothing runs. */
  | { readonly type: 'open' };

/** Derives a turn's end. `running` is true only for the last turn of a session that has a drain. */
export function endOf(turn: Turn, running: boolean): TurnEnd {
  const last = turn.entries.findLast((entry) => entry.info.role === 'assistant');
  if (running) return isLive(last) ? { type: 'live' } : { type: 'waiting', first: !hasContent(turn) };
  if (last?.info.role !== 'assistant') return { type: 'open' };
  const { error, time } = last.info;
  if (error?.name === 'MessageAbortedError') return { type: 'interrupted' };
  if (error) return { type: 'failed', error };
  // A turn that was never closed belongs to a process that is gone.
  if (time.completed === undefined) return { type: 'interrupted' };
  return { type: 'done', last: last.info };
}

/** True while the answer itself shows that something happens: growing text, a tool with its own line. */
function isLive(message: MessageWithParts | undefined): boolean {
  if (message?.info.role !== 'assistant' || message.info.time.completed !== undefined) return false;
  const part = message.parts.findLast((each) => each.type !== 'step-finish');
  switch (part?.type) {
    case 'text':
      return part.text !== '' && part.time?.end === undefined;
    case 'reasoning':
      return part.time.end === undefined;
    case 'tool':
      return message.parts.some((each) => each.type === 'tool' && isUnsettled(each.state.status));
    case 'context':
    case undefined:
      return false;
  }
}

function isUnsettled(status: 'pending' | 'running' | 'completed' | 'error'): boolean {
  return status === 'pending' || status === 'running';
}

function hasContent(turn: Turn): boolean {
  return turn.entries.some((entry) => entry.info.role === 'assistant' && entry.parts.some(isContent));
}

function isContent(part: MessageWithParts['parts'][number]): boolean {
  return part.type === 'tool' || ((part.type === 'text' || part.type === 'reasoning') && part.text !== '');
}

/** The answer's own words, for the clipboard. */
export function answerText(turn: Turn): string {
  return turn.entries
    .filter((entry) => entry.info.role === 'assistant')
    .flatMap((entry) => entry.parts)
    .flatMap((part) => (part.type === 'text' && part.text !== '' ? [part.text] : []))
    .join('\n\n');
}

/** Milliseconds from the prompt to the end of the last answer. */
export function turnDuration(turn: Turn, last: AssistantMessage): number {
  const start = (turn.prompt ?? turn.entries[0])?.info.time.created ?? last.time.created;
  return (last.time.completed ?? start) - start;
}

/** Dollars of the whole turn. */
export function turnCost(turn: Turn): number {
  return turn.entries.reduce((sum, { info }) => sum + (info.role === 'assistant' ? info.cost : 0), 0);
}
