import type { ComponentChild } from 'preact';
import type { PageWord } from '#shared/page-words.ts';
import { useChat } from './chat-context.ts';

/** A sentence with elements in the places of its arguments, in whatever order the language puts them. */
export function Phrase({
  word,
  args,
}: {
  readonly word: PageWord;
  readonly args: readonly ComponentChild[];
}) {
  const { say } = useChat();
  const marked = say(
    word,
    args.map((_, index) => `${mark}${index}${mark}`),
  );
  // Every second piece is an argument's number: split with one group keeps them.
  const pieces = marked.split(place).map((piece, index) => (index % 2 === 1 ? args[Number(piece)] : piece));
  return <>{pieces}</>;
}

/** A character that no text of ours contains. */
const mark = '\uE000';
const place = /\uE000(\d+)\uE000/u;
