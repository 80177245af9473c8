import { HostError } from '#shared/host-error.ts';
import type { FileState } from '../../snapshot/file-state.ts';
import { isSameContent } from '../../snapshot/file-state.ts';
import { decodeFile, encodeFile } from '../../tool/text-file.ts';
import { type CurrentFile, contentState, type FileWorld, lookAt } from './current-file.ts';

/** One file on its way: from what the session left there to what it found. */
export interface Restoration {
  /** Absolute real path. */
  readonly path: string;
  /** What the session left there; anything else is somebody else's work. */
  readonly expected: FileState;
  readonly target: FileState;
  /** Somebody else changed it between two changes of the session: going back takes that away, too. */
  readonly mixed?: boolean;
}

/** A restoration with what it would meet. */
export interface PlannedFile extends Restoration {
  /** Undefined where nothing may be written. */
  readonly current: CurrentFile | undefined;
  /** The content to write; undefined where the file is to go, or where no whole copy is kept. */
  readonly bytes: Uint8Array | undefined;
}

/** Looks at every file, and fetches what is to be written; changes nothing. */
export async function planFiles(
  restorations: readonly Restoration[],
  world: FileWorld,
): Promise<readonly PlannedFile[]> {
  const planned: PlannedFile[] = [];
  for (const each of restorations) {
    const current = await lookAt(each.path, world);
    const { target } = each;
    const bytes = target.type === 'content' ? await world.kept.read(target.hash) : undefined;
    planned.push({ ...each, current, bytes });
  }
  return planned;
}

/** It is where it is to be. */
export function isThere({ current, target }: PlannedFile): boolean {
  return current !== undefined && isSameContent(current.state, target);
}

/** There is a way to bring it to its target, whatever stands there now. */
export function isPossible({ current, target, bytes }: PlannedFile): boolean {
  return current !== undefined && (target.type === 'absent' || bytes !== undefined);
}

/** It is not as the session left it, or cannot be brought back. */
export function isConflict(file: PlannedFile): boolean {
  if (isThere(file)) return false;
  if (file.current === undefined || !isPossible(file) || file.mixed === true) return true;
  return !isSameContent(file.current.state, file.expected);
}

export type Restored =
  /** What stands there now, in the order given: a formatter may have had its word. */
  | { readonly type: 'restored'; readonly states: readonly FileState[] }
  | {
      readonly type: 'failed';
      readonly file: string;
      readonly text: string;
      readonly left: readonly string[];
    };

/**
 * Brings the files to their targets, one after the other; when one fails, those before it are put back.
 * Each is written only if it still is what was looked at.
 */
export async function restoreFiles(files: readonly PlannedFile[], world: FileWorld): Promise<Restored> {
  const states: FileState[] = [];
  for (const [index, file] of files.entries()) {
    try {
      states.push(isThere(file) ? file.target : await bring(file, world));
    } catch (error) {
      const done = files.slice(0, index).map((each, at) => ({ ...each, now: states[at] ?? each.target }));
      const left = await putBack(done, world);
      if (!(error instanceof HostError)) throw error;
      return { type: 'failed', file: file.path, text: error.message, left };
    }
  }
  return { type: 'restored', states };
}

/** Paths of the files that could not be put back as they were. */
async function putBack(
  done: readonly (PlannedFile & { readonly now: FileState })[],
  world: FileWorld,
): Promise<readonly string[]> {
  const left: string[] = [];
  for (const { path, current: before, now } of done.toReversed()) {
    if (before === undefined || isSameContent(before.state, now)) continue;
    const current = await lookAt(path, world);
    const back = { path, expected: now, target: before.state, current, bytes: before.bytes };
    try {
      if (isConflict(back)) left.push(path);
      else await bring(back, world);
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      left.push(path);
    }
  }
  return left;
}

/** Writes, or removes, one file; what stands there then. */
async function bring(file: PlannedFile, world: FileWorld): Promise<FileState> {
  const { path, current, target, bytes } = file;
  if (current === undefined) throw new HostError('file.moved', `${path} cannot be written to.`);
  if (target.type === 'absent') {
    if (current.version !== undefined) await world.authority.remove(current.path, current.version);
    return target;
  }
  if (bytes === undefined) throw new HostError('file.not-found', `No copy of ${path} is kept.`);
  return (await throughEditor(file, bytes, world)) ?? toDisk(file, bytes, world);
}

async function throughEditor(
  { path, current }: PlannedFile,
  bytes: Uint8Array,
  { documents }: FileWorld,
): Promise<FileState | undefined> {
  const document = current?.document;
  const decoded = document && decodeFile(bytes);
  if (!document || decoded?.type !== 'text') return undefined;
  const { text, ...form } = decoded.file;
  if (form.encoding !== document.form.encoding || form.bom !== document.form.bom) return undefined;
  const edit = await documents.replace(path, { expected: document.text, text });
  if (edit.type === 'changed') throw changed(path);
  if (edit.type === 'not-open') {
    if (document.dirty) throw changed(path);
    return undefined;
  }
  const mode = current?.state.type === 'content' ? current.state.mode : undefined;
  return contentState(encodeFile(edit.text, form), mode);
}

async function toDisk(
  { current, expected, target }: PlannedFile,
  bytes: Uint8Array,
  { authority }: FileWorld,
): Promise<FileState> {
  if (current === undefined) throw new Error('A file that was looked at');
  // Bits that the user set since stay; a file that comes back has those it had.
  const isTheirs = current.version !== undefined && modeOf(current.state) !== modeOf(expected);
  const mode = isTheirs ? undefined : modeOf(target);
  const replacement = { expected: current.version ?? 'absent', ...(mode !== undefined && { mode }) };
  const facts = await authority.write(current.path, bytes, replacement);
  return contentState(bytes, facts.mode);
}

function modeOf(state: FileState): number | undefined {
  return state.type === 'content' ? state.mode : undefined;
}

function changed(path: string): HostError {
  return new HostError(
    'file.changed',
    `${path} was changed in the editor a moment ago. Look at it, then try again.`,
  );
}
