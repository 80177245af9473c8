import type { Notice } from '#shared/notice.ts';
import { say, type WordKey, words } from '#shared/words.ts';

/** A notice as one line of text. */
export function noticeLine({ code, data }: Notice): string {
  const key = `notice.${code}`;
  const args = Object.keys(data).map((name) => data[name] ?? '');
  return isWord(key) ? say({}, key, args) : `${code} ${args.join(' ')}`;
}

/** Why the sessions of a store could not be read, or not all of them. */
export function troubleLine(storage: string, trouble: Notice | Error): string {
  const text = trouble instanceof Error ? trouble.message : noticeLine(trouble);
  return say({}, 'cli.store.trouble', [storage, text]);
}

function isWord(key: string): key is WordKey {
  return Object.hasOwn(words, key);
}
