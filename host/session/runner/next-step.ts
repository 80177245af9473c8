import type { AssistantMessage } from '#shared/message.ts';
import type { MessageWithParts } from '#shared/session.ts';

export type OpenTurn = MessageWithParts & { readonly info: AssistantMessage };

/** What a drain does next, told by durable history alone, so that a restart decides as the first run would. */
export type NextStep =
  /** A turn has calls that are not settled: they wait for an answer. */
  | { readonly type: 'settle'; readonly turn: OpenTurn }
  /** The model has something to answer. */
  | { readonly type: 'turn' }
  | { readonly type: 'end' };

/** `forced`: the user asked to go on after an error or an interruption. */
export function nextStep(history: readonly MessageWithParts[], forced: boolean): NextStep {
  const last = history.at(-1);
  if (!last) return { type: 'end' };
  if (last.info.role === 'user') return { type: 'turn' };
  if (isOpenTurn(last)) return { type: 'settle', turn: last };
  return forced || goesOn(last.info) ? { type: 'turn' } : { type: 'end' };
}

/**
 * A turn that ended with calls goes on with their results; a bare rejection has its own finish and does not. A summary's
 * calls are made up by its writer, and were dropped.
 */
export function goesOn({ finish, error, summary }: AssistantMessage): boolean {
  return finish === 'tool-calls' && error === undefined && !summary;
}

export function isOpenTurn(message: MessageWithParts): message is OpenTurn {
  return message.info.role === 'assistant' && message.info.time.completed === undefined;
}
