import type { MessageID } from '#shared/ids.ts';
import type { Part, ToolPart } from '#shared/part.ts';
import type { MessageWithParts } from '#shared/session.ts';
import { isSummary } from './choose-tail.ts';
import { estimateTokens } from './estimate-tokens.ts';

/** Letters of a call's arguments and of its result that the writer of a summary is shown. */
const inputLetters = 1_000;
const outputLetters = 2_000;
/** With at least so many tokens left, the oldest message that is told is told in part. */
const worthCutting = 200;
/** Letters of a prompt that stays in history word for word. */
const keptLetters = 1_000;

export interface TranscriptFacts {
  readonly history: readonly MessageWithParts[];
  /** Messages that stay word for word beside the summary: of these only the prompts are told, in short. */
  readonly verbatim: ReadonlySet<MessageID>;
  /** Tokens, about. */
  readonly room: number;
}

/**
 * The conversation as one text, for who sums it up. The oldest is left out first, and says so; an earlier summary stays,
 * because nothing else tells what was before it.
 */
export function transcriptOf({ history, verbatim, room }: TranscriptFacts): string {
  const earlier = history.filter(isSummary).map(pieceOf);
  const told = history
    .filter((message) => !isSummary(message))
    .map((message) => (verbatim.has(message.info.id) ? keptPiece(message) : pieceOf(message)))
    .filter((piece) => piece !== '');
  const fitting = newestWithin(told, room - estimateTokens(earlier.join('\n\n')));
  const left = told.length - fitting.length;
  const gap = left === 0 ? [] : [`(${left} older messages are left out for their length.)`];
  return [...earlier, ...gap, ...fitting].join('\n\n');
}

function newestWithin(pieces: readonly string[], room: number): readonly string[] {
  const fitting: string[] = [];
  let left = room;
  for (const piece of pieces.toReversed()) {
    const tokens = estimateTokens(piece);
    if (tokens <= left) fitting.unshift(piece);
    else if (left >= worthCutting)
      fitting.unshift(shortened(piece, Math.floor((piece.length * left) / tokens)));
    left -= tokens;
    if (left < 0) break;
  }
  return fitting;
}

function keptPiece(message: MessageWithParts): string {
  return message.info.role === 'user' ? shortened(pieceOf(message), keptLetters) : '';
}

function pieceOf(message: MessageWithParts): string {
  const text = message.parts.map(partText).filter(Boolean).join('\n');
  return text === '' ? '' : `[${speaker(message)}]\n${text}`;
}

function speaker(message: MessageWithParts): string {
  if (isSummary(message)) return 'summary of what was before';
  return message.info.role === 'user' ? 'user' : 'agent';
}

/** Thoughts are the writing model's own, and what the host told it is told anew after the fold. */
function partText(part: Part): string {
  if (part.type === 'text') return part.text;
  return part.type === 'tool' ? callText(part) : '';
}

function callText({ tool, state }: ToolPart): string {
  const call = `(called ${tool} with ${shortened(JSON.stringify(state.input), inputLetters)})`;
  if (state.status === 'completed') return `${call}\n(result: ${shortened(state.output, outputLetters)})`;
  return state.status === 'error' ? `${call}\n(failed: ${shortened(state.error, outputLetters)})` : call;
}

/** Beginning and end of a text that is longer than `letters`. */
export function shortened(text: string, letters: number): string {
  if (text.length <= letters) return text;
  const head = text.slice(0, Math.ceil(letters * 0.6)).toWellFormed();
  const tail = text.slice(text.length - Math.floor(letters * 0.4)).toWellFormed();
  return `${head}\n… ${text.length - letters} letters are left out …\n${tail}`;
}
