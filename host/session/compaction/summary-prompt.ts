/** What the writer of a summary is asked: the conversation, and the headings of the answer, always the same ones. */
export function summaryPrompt(transcript: string): string {
  return `<conversation>
${transcript}
</conversation>

${headings}`;
}

/** Tokens of everything in the prompt but the conversation, about. */
export const headingTokens = 400;

const headings = `Write the summary of this conversation now. Use exactly these headings, short lines below each, and "none" where there is nothing:

## Goal
What the user wants to have in the end.

## Instructions of the user
What the user asked for, forbade or prefers, for all of the work. Quote where the wording matters.

## Decisions
What was decided, and why; what was tried and did not work.

## Done
What is finished, with the names of the files that were read, changed or made, and what tests or commands showed.

## Open
What is begun, not yet done or not yet checked; questions that wait for the user.

## Next step
The one thing to do next.`;
