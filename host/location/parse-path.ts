import type { Environment } from '../ports/environment.ts';
import { macosRefusal } from './macos.ts';
import { windowsRefusal, windowsSegments } from './windows.ts';

export type Platform = Environment['platform'];

/** Where a path starts, and the names it goes through from there; `.`, `..` and empty names are still among them. */
export type ParsedPath =
  | {
      readonly type: 'parsed';
      readonly from: 'location' | FileSystemRoot;
      readonly segments: readonly string[];
    }
  /** Names a machine or share: known to be outside without being looked at. */
  | { readonly type: 'remote'; readonly path: string }
  | { readonly type: 'invalid'; readonly reason: string };

/** `/`, or a drive as in `C:\`. */
export type FileSystemRoot = `/` | `${string}:\\`;

export interface ParseOptions {
  readonly platform: Platform;
  readonly homeDirectory: string;
  /** Absolute path of the Location; only its drive matters. */
  readonly root: string;
}

const maxBytes = 4096;
const controlCharacter = /\p{Cc}/u;
/** At least two letters, so that `C:/x` is a drive or an ordinary name, and a slash, so that `notes.txt:x` is one. */
const otherScheme = /^[a-z][a-z0-9+.-]+:[/\\]/i;
const fileScheme = /^file:/i;
const homeOfSomebody = /^~[\w+-]+$/;

/** Reads a path as the model or a client wrote it: a path, or a `file:` URI, decoded once. Looks at no file. */
export function parsePath(input: string, options: ParseOptions): ParsedPath {
  const refusal = refuseText(input);
  if (refusal !== undefined) return { type: 'invalid', reason: refusal };
  if (fileScheme.test(input)) return parseUri(input, options);
  if (otherScheme.test(input)) return { type: 'invalid', reason: 'it is a URI of another scheme than file' };
  return parseSegments(expandHome(input, options), options);
}

function refuseText(input: string): string | undefined {
  if (input === '') return 'it is empty';
  if (!input.isWellFormed()) return 'it has half a surrogate pair, which no file name can hold';
  if (controlCharacter.test(input)) return 'it has a control character';
  if (Buffer.byteLength(input) > maxBytes) return `it is longer than ${maxBytes} bytes`;
  return undefined;
}

/** `~` and `~/x` only: whose home `~name` is, only a shell knows. */
function expandHome(input: string, { homeDirectory, platform }: ParseOptions): string {
  const isHome = input === '~' || input.startsWith('~/') || (platform === 'win32' && input.startsWith('~\\'));
  return isHome ? `${homeDirectory}/${input.slice(2)}` : input;
}

function parseSegments(path: string, options: ParseOptions): ParsedPath {
  if (options.platform === 'win32') return parseWindows(path, options);
  const segments = path.split('/');
  if (segments.length > 1 && homeOfSomebody.test(segments[0] ?? '')) {
    return {
      type: 'invalid',
      reason: `it starts with ${segments[0]}: write ./${segments[0]} if that is a name here`,
    };
  }
  const refusal = options.platform === 'darwin' ? macosRefusal(segments) : undefined;
  if (refusal !== undefined) return { type: 'invalid', reason: refusal };
  return { type: 'parsed', from: path.startsWith('/') ? '/' : 'location', segments };
}

function parseWindows(path: string, { root }: ParseOptions): ParsedPath {
  const parsed = windowsSegments(path, root);
  if (parsed.type !== 'parsed') return parsed;
  const refusal = windowsRefusal(parsed.segments);
  return refusal === undefined ? parsed : { type: 'invalid', reason: refusal };
}

/** `file:///a/b`, `file://localhost/a` and `file:/a`; each name is decoded once and may not decode to a separator. */
function parseUri(input: string, options: ParseOptions): ParsedPath {
  const rest = input.slice('file:'.length);
  if (!rest.startsWith('/')) return { type: 'invalid', reason: 'it is a file URI without an absolute path' };
  const slash = rest.startsWith('//') ? rest.indexOf('/', 2) : 0;
  const host = slash > 0 ? rest.slice(2, slash) : '';
  if (slash < 0 || (host !== '' && host.toLowerCase() !== 'localhost')) {
    return { type: 'invalid', reason: 'it is a file URI of another machine' };
  }
  const path = rest.slice(slash);
  if (path.includes('?') || path.includes('#')) {
    return { type: 'invalid', reason: 'it is a file URI with a query or fragment' };
  }
  return decodeUri(path, options);
}

function decodeUri(path: string, options: ParseOptions): ParsedPath {
  const separators = options.platform === 'win32' ? ['/', '\\'] : ['/'];
  const names = path.split('/').map(decodeOnce);
  if (names.some((name) => name === undefined || separators.some((separator) => name.includes(separator)))) {
    return { type: 'invalid', reason: 'it is a file URI with an encoding that hides something' };
  }
  const decoded = names.join('/');
  const refusal = refuseText(decoded);
  if (refusal !== undefined) return { type: 'invalid', reason: refusal };
  // A drive stands behind the slash of the URI.
  return parseSegments(options.platform === 'win32' ? decoded.replace('/', '') : decoded, options);
}

function decodeOnce(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
