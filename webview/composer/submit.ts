import type { SessionID } from '#shared/ids.ts';
import type { Choices, FromWebview } from '#shared/protocol.ts';
import type { Delivery } from '#shared/session.ts';
import { createMessageID } from '../connection/message-id.ts';
import type { Draft, SendingPrompt } from '../store/state.ts';

export interface Submission {
  readonly prompt: SendingPrompt;
  readonly message: Extract<FromWebview, { readonly type: 'prompt.submit' }>;
}

/** What sending the draft means; null when there is nothing to send. */
export function submissionOf(props: {
  readonly draft: Draft;
  readonly sessionID: SessionID | null;
  readonly choices: Choices;
  readonly delivery: typeof Delivery.Type;
}): Submission | null {
  const { draft, sessionID, choices, delivery } = props;
  const text = draft.text.trim();
  if (text === '') return null;
  const id = draft.id ?? createMessageID();
  return {
    prompt: { id, sessionID, text, delivery },
    message: {
      type: 'prompt.submit',
      messageID: id,
      sessionID,
      text,
      delivery,
      agent: choices.agent,
      model: choices.model,
    },
  };
}

/** The one command that the prompt box knows by itself: it asks for a Compaction and is never a prompt. */
export function isCompact(text: string): boolean {
  return text.trim() === '/compact';
}

/** What a key in the prompt box does. */
export type PromptKey = 'send' | 'queue' | 'next-agent' | 'recall' | 'none';

/** An input method that is composing owns every key; 229 is how some browsers say so. */
export function promptKey(event: KeyboardEvent, isEmpty: boolean): PromptKey {
  if (event.isComposing || event.keyCode === 229) return 'none';
  if (event.key === 'Enter' && !event.shiftKey && !event.ctrlKey && !event.metaKey) {
    return event.altKey ? 'queue' : 'send';
  }
  const bare = !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (!isEmpty || !bare) return 'none';
  if (event.key === 'Tab') return 'next-agent';
  return event.key === 'ArrowUp' ? 'recall' : 'none';
}

/** The agent after the chosen one; null when there is no other. */
export function nextAgent({ agents, agent }: Choices): string | null {
  if (agents.length < 2) return null;
  const index = agents.findIndex((each) => each.name === agent);
  return agents[(index + 1) % agents.length]?.name ?? null;
}
