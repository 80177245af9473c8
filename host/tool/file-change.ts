import { hasCode } from '#shared/host-error.ts';
import type { PermissionSubject } from '#shared/permission.ts';
import type { AuthorizedPath } from '../location/authorized-path.ts';
import type { FileState } from '../snapshot/file-state.ts';
import { maxWholeBytes } from './file-window.ts';
import { type Reached, requireGranted, savable } from './reach.ts';
import { hashText } from './read-ledger.ts';
import { decodeFile, encodeFile, plainForm, type TextForm } from './text-file.ts';
import { type ExecutionContext, type PermissionNeed, type ToolContext, ToolFailure } from './tool.ts';
import type { FileWorld } from './tool-world.ts';
import { type UnifiedDiff, unifiedDiff } from './unified-diff.ts';

/** A text file as it stands now. */
export interface CurrentFile {
  /** What an edit starts from: the editor's buffer where it has unsaved text, else the file. */
  readonly text: string;
  readonly form: TextForm;
  readonly version: string;
  readonly identity: string;
  /** Permission bits. */
  readonly mode: number;
  /** The document that the edit goes through; absent when none is open, or when it does not equal the file. */
  readonly document?: { readonly text: string; readonly dirty: boolean };
}

/** What a call would do to one file. */
export interface PlannedChange extends UnifiedDiff {
  readonly reached: Reached;
  /** Absent when the file is new. */
  readonly current?: CurrentFile;
  readonly after: string;
}

/**
 * Loads the file that a path leads to; undefined when there is none. Refuses by letter what cannot be edited, and what
 * this session has not read as it stands: nothing was asked yet, so no letter may tell what is in the file. A call that
 * the user already approved goes on; it is bound to the change that they saw.
 */
export async function loadSeen(
  path: AuthorizedPath,
  context: ToolContext,
  world: FileWorld,
): Promise<CurrentFile | undefined> {
  const isUnread = world.ledger.recall(context.sessionID, path.real) === undefined && !isBound(context);
  // Outside the Location not even the kind or the size of an unread file is told.
  if (isUnread && path.place === 'external' && path.facts !== undefined) throw notRead(path);
  const current = await loadFile(path, world, context.signal);
  if (current !== undefined && !isBound(context)) requireCurrent(path, { current, context, world });
  return current;
}

/** The context of a call that was allowed: it is bound to the change that was. */
export function boundByGrant(context: ExecutionContext): ToolContext {
  const subject = context.granted.find(({ permission }) => permission === 'edit')?.subject;
  return subject === undefined ? context : { ...context, approved: subject };
}

/** Whether the call may only come to one change: the one that was approved before a restart, or allowed just now. */
export function isBound({ approved }: ToolContext): boolean {
  return approved?.type === 'edit';
}

async function loadFile(
  path: AuthorizedPath,
  world: FileWorld,
  signal: AbortSignal,
): Promise<CurrentFile | undefined> {
  if (path.facts === undefined) return undefined;
  refuseUneditable(path);
  const { bytes, ...facts } = await readBytes(path, world, signal);
  const decoded = decodeFile(bytes);
  if (decoded.type === 'binary')
    throw new ToolFailure(`${path.shown} is a binary file; it is not edited as text.`);
  if (decoded.type === 'unknown-encoding') {
    throw new ToolFailure(
      `${path.shown} is not valid UTF-8, nor UTF-16 with a byte order mark; writing it could damage it. Convert it first, or change it with shell.`,
    );
  }
  const { text, ...form } = decoded.file;
  const document = await world.documents.find(path.real);
  const file = { text, form, ...facts };
  if (document === undefined || (!document.dirty && document.text !== text)) return file;
  return { ...file, text: document.text, document };
}

function refuseUneditable({ shown, facts }: AuthorizedPath): void {
  if (facts === undefined) return;
  if (facts.type === 'directory') throw new ToolFailure(`${shown} is a directory, not a file.`);
  if (facts.size > maxWholeBytes) {
    throw new ToolFailure(
      `${shown} has ${facts.size} bytes; files over ${maxWholeBytes} are not edited. Use shell.`,
    );
  }
  if ((facts.mode & 0o222) === 0) {
    throw new ToolFailure(
      `${shown} is read-only (mode ${facts.mode.toString(8)}). Ask the user before you change that.`,
    );
  }
}

async function readBytes(path: AuthorizedPath, { authority }: FileWorld, signal: AbortSignal) {
  await using file = await authority.open(path);
  const pieces: Uint8Array[] = [];
  for (let position = 0; position <= maxWholeBytes; ) {
    signal.throwIfAborted();
    // One byte more than the file should have, so that the end is found in one read.
    const piece = await file.read(position, Math.max(65_536, file.facts.size - position + 1));
    if (piece.length === 0) break;
    pieces.push(piece);
    position += piece.length;
  }
  const [first, ...more] = pieces;
  const bytes = more.length === 0 ? (first ?? new Uint8Array()) : Buffer.concat(pieces);
  const { version, identity, mode } = file.facts;
  return { bytes, version, identity, mode };
}

/** Describes the change from what stands there to `after`. */
export function planChange(
  reached: Reached,
  { current, after }: { readonly current: CurrentFile | undefined; readonly after: string },
): PlannedChange {
  const before = current?.text;
  const diff = unifiedDiff({ ...(before !== undefined && { before }), after, name: reached.path.shown });
  return { ...diff, reached, ...(current && { current }), after };
}

/** What a change needs. */
export function needsOfChange(change: PlannedChange): readonly PermissionNeed[] {
  const { path, floor, needs } = change.reached;
  const edit: PermissionNeed = {
    permission: 'edit',
    patterns: [path.shown],
    always: floor === undefined ? savable(path.shown) : [],
    subject: subjectOf(change),
    ...(floor !== undefined && { floor }),
  };
  return [...needs, edit];
}

function subjectOf({
  reached,
  diff,
  additions,
  deletions,
}: PlannedChange): PermissionSubject & { readonly type: 'edit' } {
  return { type: 'edit', filePath: reached.path.real, diff, additions, deletions };
}

/**
 * Decision 9: a change starts from what the session has seen. Where the user already approved this very call, before
 * a restart took the ledger away, it must come to the change that they saw.
 */
export function requireSeen(change: PlannedChange, context: ToolContext, world: FileWorld): void {
  const { path } = change.reached;
  if (context.approved?.type === 'edit') {
    if (isSameChange(context.approved, change)) return;
    throw changedSince(path, 'since this change was shown to the user');
  }
  if (change.current !== undefined) requireCurrent(path, { current: change.current, context, world });
}

interface Sight {
  readonly current: CurrentFile;
  readonly context: ToolContext;
  readonly world: FileWorld;
}

function requireCurrent(path: AuthorizedPath, { current, context, world }: Sight): void {
  const seen = world.ledger.recall(context.sessionID, path.real);
  if (seen === undefined) throw notRead(path);
  if (seen !== hashText(current.text)) throw changedSince(path, 'since you read it');
}

function notRead({ shown, real }: AuthorizedPath): ToolFailure {
  return new ToolFailure(`${shown} has not been read in this session. Read it first, then try again.`, {
    filePath: real,
  });
}

function isSameChange(seen: PermissionSubject, change: PlannedChange): boolean {
  return seen.type === 'edit' && seen.filePath === change.reached.path.real && seen.diff === change.diff;
}

/** The letter about a file that is not what the change started from. */
export function changedSince(path: AuthorizedPath, when: string): ToolFailure {
  return new ToolFailure(
    `${path.shown} has changed ${when}. Nothing was written. Read it again, then try again.`,
    {
      filePath: path.real,
    },
  );
}

export interface AppliedChange {
  /** What stands there now. */
  readonly text: string;
  /** Permission bits of a file that was made or replaced. */
  readonly mode?: number;
  /** Told to the model: what is different from what it asked for. */
  readonly note?: string;
}

/** Does what was allowed, if it still is that: whole or not at all. */
export async function applyChange(
  change: PlannedChange,
  context: ExecutionContext,
  world: FileWorld,
): Promise<AppliedChange> {
  const { path } = change.reached;
  requireGranted(needsOfChange(change), context);
  if (!context.granted.some(({ subject }) => isSameChange(subject, change))) {
    throw changedSince(path, 'since this change was allowed');
  }
  const before = await keptBefore(change, context, world);
  context.signal.throwIfAborted();
  const applied = (await applyToDocument(change, world)) ?? (await applyToDisk(change, world));
  world.ledger.record(context.sessionID, path.real, hashText(applied.text));
  const mode = applied.mode ?? change.current?.mode;
  const bytes = encodeFile(applied.text, change.current?.form ?? plainForm);
  const after = await world.kept.keep(context.sessionID, { bytes, ...(mode !== undefined && { mode }) });
  context.recordChange({ path: path.real, before, after });
  return applied;
}

/** The very content that the change starts from: the editor's where it has unsaved text, else the file's. */
async function keptBefore(
  { current }: PlannedChange,
  { sessionID }: ToolContext,
  { kept }: FileWorld,
): Promise<FileState> {
  if (current === undefined) return { type: 'absent' };
  return kept.keep(sessionID, { bytes: encodeFile(current.text, current.form), mode: current.mode });
}

async function applyToDocument(change: PlannedChange, world: FileWorld): Promise<AppliedChange | undefined> {
  const { reached, current, after } = change;
  if (current?.document === undefined) return undefined;
  const now = await world.authority.stat(reached.path);
  if (now?.identity !== current.identity) throw changedSince(reached.path, 'a moment ago');
  const { text: expected, dirty } = current.document;
  const edit = await world.documents.replace(reached.path.real, { expected, text: after });
  if (edit.type === 'changed') throw changedSince(reached.path, 'in the editor a moment ago');
  if (edit.type === 'not-open') {
    if (dirty) throw changedSince(reached.path, 'in the editor a moment ago');
    return undefined;
  }
  const note = [unsavedNote(edit.saved), formatterNote(change, edit.text)]
    .filter((line) => line !== '')
    .join('\n');
  return { text: edit.text, ...(note !== '' && { note }) };
}

function unsavedNote(saved: boolean): string {
  return saved
    ? ''
    : 'It is open in the editor with unsaved changes of the user: the edit is in the buffer, not yet on the disk.';
}

const maxFormatterDiff = 4_000;

function formatterNote({ reached, after }: PlannedChange, text: string): string {
  if (text === after) return '';
  const { diff } = unifiedDiff({ before: after, after: text, name: reached.path.shown });
  const told = diff.length > maxFormatterDiff ? 'Read it again before the next edit.' : diff;
  return `The editor changed it further when saving (a formatter):\n${told}`;
}

async function applyToDisk(
  { reached, current, after }: PlannedChange,
  world: FileWorld,
): Promise<AppliedChange> {
  const bytes = encodeFile(after, current?.form ?? plainForm);
  try {
    const { mode } = await world.authority.write(reached.path, bytes, current?.version ?? 'absent');
    return { text: after, mode };
  } catch (error) {
    if (hasCode(error, 'file.changed')) throw changedSince(reached.path, 'a moment ago');
    throw error;
  }
}

/** What the card shows of a change. */
export function changeMetadata({ reached, diff, additions, deletions }: PlannedChange) {
  return { filePath: reached.path.real, diff, additions, deletions };
}
