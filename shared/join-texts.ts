import type { Part, TextPart } from './part.ts';

/**
 * The parts as people read them: texts that follow one another at once are one. A provider cuts its words where the
 * source of a statement changes, in the middle of a sentence.
 */
export function joinTexts(parts: readonly Part[]): readonly Part[] {
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.type === 'text' && last?.type === 'text') joined[joined.length - 1] = continued(last, part);
    else joined.push(part);
  }
  return joined;
}

/** Under the name of the first, for as long as the second one is open. */
function continued({ time: _, ...first }: TextPart, { text, time }: TextPart): TextPart {
  return { ...first, text: first.text + text, ...(time && { time }) };
}
