import * as Schema from 'effect/Schema';
import { hasCode } from '#shared/host-error.ts';
import type { AuthorizedPath } from '../../location/authorized-path.ts';
import { defaultBounds } from '../bounds.ts';
import { type FileWindow, readWindow } from '../file-window.ts';
import { collectLines, type LineWindow, type WindowOptions } from '../line-window.ts';
import { missingFile } from '../missing-file.ts';
import { leaving, reach, requireGranted, savable, touchedPath } from '../reach.ts';
import { hashText } from '../read-ledger.ts';
import { readPatterns } from '../search/found-file.ts';
import {
  type AnyTool,
  defineTool,
  type ExecutionContext,
  type PermissionNeed,
  ToolFailure,
  type ToolResult,
} from '../tool.ts';
import type { FileWorld } from '../tool-world.ts';

const Parameters = Schema.Struct({
  filePath: Schema.String,
  offset: Schema.optionalKey(
    Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)).annotate({ description: 'First line, from 1' }),
  ),
  limit: Schema.optionalKey(
    Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)).annotate({ description: 'Lines; default 2000' }),
  ),
});
type Parameters = typeof Parameters.Type;

const defaultLimit = 2_000;
const maxLineLength = 2_000;
const maxEntries = 10_000;

/** Reads a text file or lists a directory; what it showed may then be edited. */
export function readTool(world: FileWorld): AnyTool {
  return defineTool<Parameters>({
    id: 'read',
    permissionKey: 'read',
    description:
      'Reads a text file with numbered lines, or lists a directory. At most 2000 lines or 50 KB at once; longer lines than 2000 characters are cut. Read a file before you edit it.',
    parameters: Parameters,
    effects: false,
    title: ({ filePath }) => filePath,
    touches: ({ filePath }) => touchedPath(world.authority, filePath),
    permission: async ({ filePath }) => {
      const { path } = await reach(world.authority, filePath, 'read');
      return needsOf(path);
    },
    execute: async (args, context) => {
      const { path } = await reach(world.authority, args.filePath, 'read');
      requireGranted(needsOf(path), context);
      if (path.facts === undefined) throw await missingFile(world.authority, path, context.signal);
      return path.facts.type === 'directory'
        ? listDirectory(args, { world, context })
        : readFile(args, { path, world, context });
    },
  });
}

function needsOf(path: AuthorizedPath): readonly PermissionNeed[] {
  const patterns = readPatterns(path.shown);
  const read: PermissionNeed = {
    permission: 'read',
    patterns,
    always: patterns.flatMap(savable),
    subject: { type: 'path', filePath: path.real },
  };
  return path.place === 'external' ? [leaving(path), read] : [read];
}

interface Reading {
  readonly world: FileWorld;
  readonly context: ExecutionContext;
}

async function readFile(
  args: Parameters,
  { path, world, context }: Reading & { readonly path: AuthorizedPath },
): Promise<ToolResult> {
  const options = windowOptions(args);
  // A clean document is what is on the disk; one with unsaved text is what the user sees.
  const document = await world.documents.find(path.real);
  const unsaved = document?.dirty === true ? document.text : undefined;
  const found =
    unsaved === undefined
      ? await readDisk(path, { options, world, context })
      : windowOfText(unsaved, options);
  if (found.type === 'binary') {
    throw new ToolFailure(
      `${path.shown} is a binary file (${path.facts?.size ?? 0} bytes) and cannot be read as text.`,
    );
  }
  if (found.type === 'too-far') {
    throw new ToolFailure(
      `Line ${options.offset} is not within the first ${found.searched} bytes. Use grep instead.`,
    );
  }
  const { window, whole } = found;
  if (window.lines.length === 0 && options.offset > 1) {
    throw new ToolFailure(
      `Line ${options.offset} is behind the end: ${path.shown} has ${window.seen} lines.`,
    );
  }
  if (whole !== undefined) world.ledger.record(context.sessionID, path.real, whole.hash);
  const notes = [noteOf(window, { options, isWhole: whole !== undefined })];
  if (unsaved !== undefined) notes.push('(This is the text in the editor, which is not saved yet.)');
  return {
    output: framed({ path, type: 'file', lines: numbered(window, options), notes }),
    title: path.shown,
    metadata: { filePath: path.real, count: window.lines.length },
    bounded: true,
  };
}

function windowOptions({ offset = 1, limit = defaultLimit }: Parameters): WindowOptions {
  const first = Math.max(1, offset);
  const lineOverhead = `${first + limit}: \n`.length;
  return { offset: first, limit, maxBytes: defaultBounds.maxBytes, lineOverhead, maxLineLength };
}

async function readDisk(
  path: AuthorizedPath,
  { options, world, context }: Reading & { readonly options: WindowOptions },
): Promise<FileWindow> {
  try {
    await using file = await world.authority.open(path);
    return await readWindow(file, { ...options, signal: context.signal });
  } catch (error) {
    if (hasCode(error, 'file.not-a-file')) {
      throw new ToolFailure(
        `${path.shown} is not a regular file but a FIFO, a socket or a device; it is not read.`,
      );
    }
    throw error;
  }
}

function windowOfText(text: string, options: WindowOptions): FileWindow {
  const lines = collectLines(options);
  lines.push(Buffer.from(text));
  return { type: 'window', window: lines.finish(), whole: { hash: hashText(text) } };
}

function numbered({ lines }: LineWindow, { offset }: WindowOptions): readonly string[] {
  return lines.map((line, index) => `${offset + index}: ${line}`);
}

function noteOf(
  { lines, seen, stoppedBy }: LineWindow,
  { options, isWhole }: { readonly options: WindowOptions; readonly isWhole: boolean },
): string {
  if (stoppedBy === 'end') return `(End of file - total ${seen} lines)`;
  const next = options.offset + lines.length;
  const shown = `Showing lines ${options.offset}-${next - 1}${isWhole ? ` of ${seen}` : ''}.`;
  if (stoppedBy === 'search') return `(${shown} The file goes on without a line end in sight.)`;
  const cap = stoppedBy === 'bytes' ? 'Output capped at 50 KB. ' : '';
  return `(${cap}${shown} Use offset=${next} to continue.)`;
}

async function listDirectory(
  { filePath, offset, limit }: Parameters,
  { world, context }: Reading,
): Promise<ToolResult> {
  const { path } = await reach(world.authority, filePath, 'list');
  const { entries, more } = await world.authority.list(path, { limit: maxEntries, signal: context.signal });
  const first = Math.max(1, offset ?? 1);
  const names = entries.map(({ name, type }) =>
    type === 'directory' ? `${name}/` : type === 'link' ? `${name}@` : name,
  );
  const shown = names.slice(first - 1, first - 1 + (limit ?? defaultLimit));
  const next = first + shown.length;
  const total = `${names.length}${more ? ' or more' : ''} entries`;
  const note =
    next <= names.length
      ? `(Showing ${first}-${next - 1} of ${total}. Use offset=${next} to continue.)`
      : `(${total})`;
  return {
    output: framed({ path, type: 'directory', lines: shown, notes: [note] }),
    title: path.shown,
    metadata: { filePath: path.real, count: shown.length },
  };
}

interface Frame {
  readonly path: AuthorizedPath;
  readonly type: 'file' | 'directory';
  readonly lines: readonly string[];
  readonly notes: readonly string[];
}

function framed({ path, type, lines, notes }: Frame): string {
  return [
    `<path>${path.real}</path>`,
    `<type>${type}</type>`,
    '<content>',
    ...lines,
    '',
    ...notes,
    '</content>',
  ].join('\n');
}
