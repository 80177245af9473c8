import type { ToolPart } from '#shared/part.ts';
import { interruptedLetter } from '../../tool/letters.ts';
import type { ToolRegistry } from '../../tool/registry.ts';
import { notRun } from '../close-interrupted.ts';
import { cutOffLetter } from '../runner/turn-recorder.ts';
import type { TakenBack } from '../upkeep-projection.ts';

/** Tools that tell which files they changed, and how. */
const telling = new Set(['edit', 'write']);

/** Letters of calls that ended before they had any effect. */
const withoutEffect = new Set([interruptedLetter, cutOffLetter, notRun]);

/** Whether calls ran in a stretch of history of which it is not known what they did to files. */
export function hasUnseen(
  { messages, changes }: TakenBack,
  tools: Pick<ToolRegistry, 'hasEffects'>,
): boolean {
  const told = new Set(changes.map(({ messageID }) => messageID));
  const ran = messages
    .flatMap(({ parts }) => parts.filter((part) => part.type === 'tool'))
    .filter((call) => tools.hasEffects(call.tool) && hasRun(call));
  // What a telling tool did in a session that this one was forked or imported from is told there only.
  return ran.some((call) => !telling.has(call.tool) || isCut(call) || !told.has(call.messageID));
}

/** A telling tool that failed has changed nothing, unless it was broken off. */
function hasRun({ tool, state }: ToolPart): boolean {
  if (state.status !== 'error') return state.status !== 'pending';
  if (state.failure === 'interrupted') return !withoutEffect.has(state.error);
  return state.failure === 'failed' && !telling.has(tool);
}

function isCut({ state }: ToolPart): boolean {
  return state.status === 'error' && state.failure === 'interrupted';
}
