import * as Schema from 'effect/Schema';
import {
  applyChange,
  boundByGrant,
  type CurrentFile,
  changeMetadata,
  loadSeen,
  needsOfChange,
  type PlannedChange,
  planChange,
  requireSeen,
} from '../file-change.ts';
import { reach, touchedPath } from '../reach.ts';
import { lineEndOf, withLineEnds } from '../text-file.ts';
import { type AnyTool, defineTool, type ToolContext, ToolFailure } from '../tool.ts';
import type { FileWorld } from '../tool-world.ts';

const Parameters = Schema.Struct({ filePath: Schema.String, content: Schema.String });
type Parameters = typeof Parameters.Type;

/** Creates a file, or replaces a whole one. */
export function writeTool(world: FileWorld): AnyTool {
  return defineTool<Parameters>({
    id: 'write',
    permissionKey: 'edit',
    description:
      'Creates a file with its folders, or replaces a whole file that you have read. Prefer edit for changes.',
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
      const verb = change.current === undefined ? 'Created' : 'Wrote';
      const done = `${verb} ${shown}: ${change.additions} lines added, ${change.deletions} removed.`;
      return {
        output: note === undefined ? done : `${done}\n${note}`,
        title: shown,
        metadata: changeMetadata(change),
      };
    },
  });
}

async function plan(
  { filePath, content }: Parameters,
  context: ToolContext,
  world: FileWorld,
): Promise<PlannedChange> {
  if (!content.isWellFormed())
    throw new ToolFailure('content has half a surrogate pair, which cannot be written.');
  const reached = await reach(world.authority, filePath, 'write');
  const current = await loadSeen(reached.path, context, world);
  return planChange(reached, { current, after: textAs(content, current) });
}

const byteOrderMark = '\uFEFF';

/** An existing file keeps its line ends and its byte order mark, which is not part of the text. */
function textAs(content: string, current: CurrentFile | undefined): string {
  if (current === undefined) return content;
  const text = content.startsWith(byteOrderMark) && current.form.bom ? content.slice(1) : content;
  return lineEndOf(current.text) === '\r\n' ? withLineEnds(text, '\r\n') : text;
}
