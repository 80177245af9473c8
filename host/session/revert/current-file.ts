import { hasCode } from '#shared/host-error.ts';
import type { Authority } from '../../location/authority.ts';
import type { AuthorizedPath } from '../../location/authorized-path.ts';
import type { Documents } from '../../ports/documents.ts';
import type { FileState } from '../../snapshot/file-state.ts';
import { hashContent, type KeptContents } from '../../snapshot/kept-contents.ts';
import { decodeFile, encodeFile, type TextForm } from '../../tool/text-file.ts';

export interface FileWorld {
  readonly authority: Authority;
  readonly documents: Documents;
  readonly kept: KeptContents;
}

/** What stands at a path now: the editor's unsaved text where there is one, else the file. */
export interface CurrentFile {
  readonly path: AuthorizedPath;
  readonly state: FileState;
  /** Absent where nothing stands, or nothing that can be read. */
  readonly bytes?: Uint8Array;
  /** Of the file on the disk; absent where there is none. */
  readonly version?: string;
  /** Set where a change goes through the editor. */
  readonly document?: { readonly text: string; readonly dirty: boolean; readonly form: TextForm };
}

/** Longer files are not compared: a kept content is never that long. */
const maxBytes = 64 * 1024 * 1024;

/** Undefined when the path leads elsewhere than it did, or cannot be used: nothing may be written there. */
export async function lookAt(file: string, world: FileWorld): Promise<CurrentFile | undefined> {
  const verdict = await world.authority.authorize(file, 'write');
  if (verdict.type === 'invalid' || verdict.path.real !== file) return undefined;
  const { path } = verdict;
  const { facts } = path;
  if (facts === undefined) return { path, state: { type: 'absent' } };
  if (facts.type !== 'file') return undefined;
  const bytes = facts.size > maxBytes ? undefined : await readBytes(path, world);
  if (bytes === undefined) return { path, state: { type: 'unknown' }, version: facts.version };
  return withDocument({ path, bytes, version: facts.version }, facts.mode, world);
}

async function withDocument(
  file: { readonly path: AuthorizedPath; readonly bytes: Uint8Array; readonly version: string },
  mode: number,
  { documents }: FileWorld,
): Promise<CurrentFile> {
  const onDisk = { ...file, state: contentState(file.bytes, mode) };
  const document = await documents.find(file.path.real);
  const decoded = document && decodeFile(file.bytes);
  if (!document || decoded?.type !== 'text') return onDisk;
  const { text, ...form } = decoded.file;
  if (!document.dirty && document.text !== text) return onDisk;
  const bytes = encodeFile(document.text, form);
  return { ...file, bytes, state: contentState(bytes, mode), document: { ...document, form } };
}

export function contentState(bytes: Uint8Array, mode: number | undefined): FileState {
  return { type: 'content', hash: hashContent(bytes), ...(mode !== undefined && { mode }) };
}

async function readBytes(path: AuthorizedPath, { authority }: FileWorld): Promise<Uint8Array | undefined> {
  try {
    await using file = await authority.open(path);
    const pieces: Uint8Array[] = [];
    for (let position = 0; position <= maxBytes; ) {
      const piece = await file.read(position, Math.max(65_536, file.facts.size - position + 1));
      if (piece.length === 0) return Buffer.concat(pieces);
      pieces.push(piece);
      position += piece.length;
    }
    return undefined;
  } catch (error) {
    if (hasCode(error, 'file.no-access') || hasCode(error, 'file.failed')) return undefined;
    throw error;
  }
}
