import type { PartID } from '#shared/ids.ts';
import type { ToolPart } from '#shared/part.ts';
import type { MessageWithParts } from '#shared/session.ts';
import { outputTokens } from './estimate-tokens.ts';

/** Old outputs that may leave history, and about how many tokens that saves. */
export interface Prunable {
  readonly parts: readonly PartID[];
  readonly tokens: number;
}

/** Tokens of the newest outputs that always stay. */
const newestStay = 40_000;
/** For less than this no output is removed: it would cost the provider's cache and save little. */
const leastGain = 20_000;
/** What these tools return holds for the rest of the session. */
const lasting: ReadonlySet<string> = new Set(['skill']);

/** Chooses from the newest output backwards; empty where it is not worth it. */
export function prunableOutputs(history: readonly MessageWithParts[]): Prunable {
  let newer = 0;
  const old: ToolPart[] = [];
  for (const part of history.flatMap(({ parts }) => parts).toReversed()) {
    if (part.type !== 'tool' || !isPrunable(part)) continue;
    if (newer >= newestStay) old.push(part);
    newer += outputTokens(part);
  }
  const tokens = old.reduce((sum, part) => sum + outputTokens(part), 0);
  return tokens < leastGain ? { parts: [], tokens: 0 } : { parts: old.map(({ id }) => id), tokens };
}

function isPrunable(part: ToolPart): boolean {
  const { state, tool } = part;
  return state.status === 'completed' && !lasting.has(tool) && !isProviderExecuted(part);
}

/** The result of a tool that the provider ran itself is a fact of the transcript, and goes back as it came (TL-20). */
function isProviderExecuted({ metadata }: ToolPart): boolean {
  return metadata?.['providerExecuted'] === true;
}
