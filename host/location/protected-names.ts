/**
 * Names that configure what runs without being asked: writing them always asks (decision 4), at whatever depth they
 * stand and whether or not they exist yet.
 */
export const protectedNames: readonly string[] = [
  '.git',
  '.vscode',
  '.idea',
  '.devcontainer',
  '.devcontainer.json',
  '.opencode',
  '.mcp.json',
  'opencode.json',
  'opencode.jsonc',
];

const protectedSuffix = '.code-workspace';
const ignorable = /\p{Default_Ignorable_Code_Point}/gu;
const dropped = /[. ]+$/;
/** `GIT~1`: what older programs see of a long name on a Windows disk. */
const shortName = /^(\w{1,6})~\d+(?:\.\w{0,3})?$/;

/** The first protected name among the names of a path, as the path writes it; undefined when there is none. */
export function protectedName(segments: readonly string[]): string | undefined {
  return segments.find((segment) => {
    const name = foldName(segment);
    return protectedNames.includes(name) || name.endsWith(protectedSuffix) || isShortFor(name);
  });
}

/** Names that some disk would take for one another: case, width, invisible characters, and endings that Windows drops. */
function foldName(name: string): string {
  return name.normalize('NFKC').replace(ignorable, '').toLowerCase().replace(dropped, '');
}

function isShortFor(name: string): boolean {
  const short = shortName.exec(name)?.[1];
  if (short === undefined) return false;
  return protectedNames.some((protectedName) => {
    const letters = protectedName.replaceAll('.', '');
    return letters.startsWith(short) && (short.length === 6 || letters === short);
  });
}
