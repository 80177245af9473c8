/** A workspace folder on the disk, as a Location. */
export interface Folder {
  readonly name: string;
  readonly directory: string;
}

/** What counts of the editor's workspace folders. */
export interface EditorFolder {
  readonly name: string;
  readonly uri: { readonly scheme: string; readonly fsPath: string };
}

/** The active editor's folder, else the first; only folders on the disk, for the host can work on no others. */
export function chooseFolder(
  active: EditorFolder | undefined,
  all: readonly EditorFolder[],
): Folder | undefined {
  const folder = [...(active ? [active] : []), ...all].find(isOnDisk);
  return folder && asFolder(folder);
}

/** The folder of exactly this path; undefined when it is not among them. */
export function folderAt(directory: string, all: readonly EditorFolder[]): Folder | undefined {
  const folder = all.find((each) => isOnDisk(each) && each.uri.fsPath === directory);
  return folder && asFolder(folder);
}

function isOnDisk({ uri }: EditorFolder): boolean {
  return uri.scheme === 'file';
}

function asFolder({ name, uri }: EditorFolder): Folder {
  return { name, directory: uri.fsPath };
}
