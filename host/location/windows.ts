import { win32 } from 'node:path';
import type { ParsedPath } from './parse-path.ts';

// The rules of Win32 path names; checked on their rows of the corpus lexically, not run on Windows.

const namespace = /^[\\/]{2}[?.][\\/]|^[\\/]\?\?[\\/]/;
const share = /^[\\/]{2}[^\\/]/;
const drive = /^([a-z]):/i;
const separator = /[\\/]/;
const forbidden = /[<>"|?*:]/;
const deviceName = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])$/i;

/** Splits a Windows path, `..` taken away as Win32 does it: by name, before any file is looked at. */
export function windowsSegments(path: string, root: string): ParsedPath {
  if (namespace.test(path)) return { type: 'invalid', reason: 'it names a device or a verbatim path' };
  // Looking at a share sends the user's password hash to it.
  if (share.test(path)) return { type: 'remote', path: path.replaceAll('/', '\\') };
  const letter = drive.exec(path)?.[1];
  if (letter !== undefined && !separator.test(path[2] ?? '')) {
    return { type: 'invalid', reason: 'it is relative to the current directory of a drive' };
  }
  const written = (letter === undefined ? path : path.slice(2)).split(separator);
  const refusal = windowsRefusal(written);
  if (refusal !== undefined) return { type: 'invalid', reason: refusal };
  const rooted = letter !== undefined || separator.test(path[0] ?? '');
  const absolute = rooted
    ? `${letter ?? root[0]}:\\${written.join('\\')}`
    : win32.join(root, written.join('\\'));
  const normal = win32.normalize(absolute);
  return {
    type: 'parsed',
    from: `${normal.slice(0, 2)}\\` as `${string}:\\`,
    segments: normal.slice(3).split('\\'),
  };
}

/** Names that Win32 takes for something else than it is written. */
export function windowsRefusal(segments: readonly string[]): string | undefined {
  for (const segment of segments) {
    if (segment === '' || segment === '.' || segment === '..') continue;
    if (segment.includes(':')) return 'it names an alternate data stream';
    if (forbidden.test(segment)) return 'it has a character that Windows does not allow in names';
    if (segment.endsWith(' ') || segment.endsWith('.'))
      return 'a name in it ends in a space or dot, which Windows drops';
    if (deviceName.test((segment.split('.')[0] ?? '').trimEnd())) return 'it names a device';
  }
  return undefined;
}
