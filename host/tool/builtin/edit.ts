import * as Schema from 'effect/Schema';
import {
  applyChange,
  boundByGrant,
  changedSince,
  changeMetadata,
  isBound,
  loadSeen,
  needsOfChange,
  type PlannedChange,
  planChange,
  requireSeen,
} from '../file-change.ts';
import { findMatches, type Match, replaceMatches, withoutOverlaps } from '../match-text.ts';
import { missingFile } from '../missing-file.ts';
import { nearestLines } from '../nearest-lines.ts';
import { reach, touchedPath } from '../reach.ts';
import { withLineEnds } from '../text-file.ts';
import { type AnyTool, defineTool, type ToolContext, ToolFailure } from '../tool.ts';
import type { FileWorld } from '../tool-world.ts';

const Parameters = Schema.Struct({
  filePath: Schema.String,
  oldString: Schema.String.annotate({
    description: 'Text to replace, exactly as in the file, without line numbers',
  }),
  newString: Schema.String,
  replaceAll: Schema.optionalKey(Schema.Boolean),
});
type Parameters = typeof Parameters.Type;

/** Replaces one exact text of a file, or every occurrence of it. */
export function editTool(world: FileWorld): AnyTool {
  return defineTool<Parameters>({
    id: 'edit',
    permissionKey: 'edit',
    description:
      'Replaces text in a file that you have read. oldString must match exactly one place, or set replaceAll. Line ends and encoding are kept.',
    parameters: Parameters,
    effects: true,
    title: ({ filePath }) => filePath,
    touches: ({ filePath }) => touchedPath(world.authority, filePath),
    permission: async (args, context) => {
      const change = await plan(args, context, world);
      requireSeen(change, context, world);
      return needsOfChange(change);
    },
    execute: async (args, context) => {
      const change = await plan(args, boundByGrant(context), world);
      const { note } = await applyChange(change, context, world);
      const { shown } = change.reached.path;
      const done = `Edited ${shown}: ${change.additions} lines added, ${change.deletions} removed.`;
      return {
        output: note === undefined ? done : `${done}\n${note}`,
        title: shown,
        metadata: changeMetadata(change),
      };
    },
  });
}

async function plan(args: Parameters, context: ToolContext, world: FileWorld): Promise<PlannedChange> {
  refuseArguments(args);
  const reached = await reach(world.authority, args.filePath, 'write');
  const current = await loadSeen(reached.path, context, world);
  if (current === undefined) throw await missingFile(world.authority, reached.path, context.signal);
  const matches = findMatches(current.text, args.oldString);
  const [first, second] = matches;
  const isUnique = first !== undefined && (second === undefined || args.replaceAll === true);
  // The session may not have seen this text, so the letter must not tell of it.
  if (!isUnique && isBound(context))
    throw changedSince(reached.path, 'since this change was shown to the user');
  if (first === undefined) throw notFound(args, reached.path.shown, current.text);
  if (second !== undefined && args.replaceAll !== true) throw ambiguous(matches, reached.path.shown);
  const after = replaceMatches(current.text, withoutOverlaps(matches), args);
  return planChange(reached, { current, after });
}

function refuseArguments({ oldString, newString }: Parameters): void {
  if (oldString === '') {
    throw new ToolFailure(
      'oldString is empty. Give the text to replace; to create or replace a whole file, use write.',
    );
  }
  if (withLineEnds(oldString, '\n') === withLineEnds(newString, '\n')) {
    throw new ToolFailure('oldString and newString are the same: there is nothing to change.');
  }
  if (!newString.isWellFormed())
    throw new ToolFailure('newString has half a surrogate pair, which cannot be written.');
}

function notFound({ oldString }: Parameters, shown: string, text: string): ToolFailure {
  const near = nearestLines(text, oldString).map(
    ({ number, text: line, sameWords }) =>
      `${number}: ${line}${sameWords ? ' (differs in white space)' : ''}`,
  );
  const hint =
    near.length === 0 ? 'Read the file again.' : `The nearest lines to its first line:\n${near.join('\n')}`;
  return new ToolFailure(
    `oldString was not found in ${shown}. It must match exactly, white space included. ${hint}`,
  );
}

const maxNamed = 10;

function ambiguous(matches: readonly Match[], shown: string): ToolFailure {
  const lines = matches.slice(0, maxNamed).map(({ line }) => line);
  const more = matches.length > maxNamed ? ', …' : '';
  return new ToolFailure(
    `oldString stands ${matches.length} times in ${shown} (lines ${lines.join(', ')}${more}). Add lines around it until it is unique, or set replaceAll.`,
  );
}
