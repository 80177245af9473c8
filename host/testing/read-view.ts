import type { SessionView } from '#shared/fold.ts';
import type { AssistantMessage } from '#shared/message.ts';
import type { ToolPart } from '#shared/part.ts';

/** What tests look at in a session's view, and in the requests that the model got. */

export const toolsOf = (view: SessionView): ToolPart[] =>
  view.messages.flatMap(({ parts }) => parts.filter((part) => part.type === 'tool'));
export const statesOf = (view: SessionView) =>
  toolsOf(view).map(({ tool, state }) => `${tool} ${state.status}`);
export const lastTurn = (view: SessionView): AssistantMessage => {
  const info = view.messages.at(-1)?.info;
  if (info?.role !== 'assistant') throw new Error('The last message is not an answer');
  return info;
};
export interface Body {
  readonly messages?: readonly { readonly role: string; readonly content: unknown }[];
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
}
export const bodyOf = (request: { readonly body: unknown } | undefined): Body =>
  (request?.body ?? {}) as Body;
export const answer = (view: SessionView) =>
  view.messages
    .at(-1)
    ?.parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))
    .join('') ?? '';
