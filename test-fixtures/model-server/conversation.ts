import type { Conversation } from './wire.ts';

/** What was said, as every format comes down to it. A result is of a tool that the host ran. */
export type Said =
  | { readonly by: 'user'; readonly words: string }
  | { readonly by: 'model' }
  | { readonly by: 'tool'; readonly result: string };

export type Asked = Pick<Conversation, 'model' | 'streaming' | 'hasTools' | 'system' | 'length'> & {
  /** Oldest first. */
  readonly said: readonly Said[];
};

/** What a script is matched on: the user's last words, and what has happened since. */
export function conversationOf({ said, ...asked }: Asked): Conversation {
  const words = said.map((each) => (each.by === 'user' ? withoutNotes(each.words) : ''));
  const position = words.findLastIndex((each) => each !== '');
  const since = said.slice(position + 1);
  return {
    ...asked,
    user: words[position] ?? '',
    step: since.filter(({ by }) => by === 'model').length,
    toolResults: since.flatMap((each) => (each.by === 'tool' ? [each.result] : [])),
  };
}

/** Hosts put notes to the model into user messages; those are not the user's words. */
const hostNotes = /<(system-update|system-reminder)>[\s\S]*?<\/\1>/g;
/** Nor is what a tool showed beside its result. */
const shownBeside = /^Shown by [^\n]*:(\n\s*\[\w+\])+/gm;

function withoutNotes(words: string): string {
  return words.replaceAll(hostNotes, '').replaceAll(shownBeside, '').trim();
}
