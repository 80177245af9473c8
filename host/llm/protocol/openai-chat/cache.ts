import type { ChatMessage } from './wire.ts';

const mark = { cache_control: { type: 'ephemeral' } } as const;

/**
 * The messages with marks on the baseline and on the latest two requests, so that the next one finds what this one
 * wrote. Source: https://openrouter.ai/docs/features/prompt-caching
 */
export function markForCache(messages: readonly ChatMessage[]): readonly object[] {
  const latest = messages.filter(({ role }) => role === 'user' || role === 'tool').slice(-2);
  return messages.map((message) =>
    message.role === 'system' || latest.includes(message) ? marked(message) : message,
  );
}

function marked(message: ChatMessage): object {
  const { content } = message;
  const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []);
  return {
    ...message,
    content: parts.map((part, at) => (at === parts.length - 1 ? { ...part, ...mark } : part)),
  };
}
