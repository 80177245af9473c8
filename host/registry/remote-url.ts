/**
 * The URL of `origin`, else of the first remote by name, in the text of a git configuration. Includes and rewrites are
 * not followed. Source: git-config(1), "Syntax".
 */
export function remoteIn(config: string): string | undefined {
  const urls = new Map<string, string>();
  let remote: string | undefined;
  for (const line of config.replace(continuation, '').split(lineEnd)) {
    const header = section.exec(line);
    if (header) {
      const { name = '', quoted } = header.groups ?? {};
      remote = name.toLowerCase() === 'remote' ? quoted?.replace(escaped, '$1') : undefined;
    }
    const url = urlEntry.exec(header ? line.slice(header[0].length) : line)?.[1];
    // Of several the first is the one that is fetched from.
    if (remote !== undefined && url !== undefined && !urls.has(remote)) urls.set(remote, plainValue(url));
  }
  return urls.get('origin') ?? urls.get([...urls.keys()].sort()[0] ?? '');
}

const lineEnd = /\r?\n/;
const continuation = /\\\r?\n/g;
const escaped = /\\(.)/g;
const section = /^\s*\[\s*(?<name>[\w.-]+)(?:\s+"(?<quoted>(?:[^"\\]|\\.)*)")?\s*\]/;
const urlEntry = /^\s*url\s*=\s*(.*)$/i;
const quotedValue = /^"((?:[^"\\]|\\.)*)"/;
const comment = /\s*[#;].*$/;

/** Quotes hold what would be a comment; a quote in the middle of a URL is nothing that git writes. */
function plainValue(text: string): string {
  const quoted = quotedValue.exec(text)?.[1];
  return quoted === undefined ? text.replace(comment, '').trim() : quoted.replace(escaped, '$1');
}

/**
 * One text for one repository, however it is reached: `git@example.com:a/b.git` and `https://key@example.com/a/b` are
 * both `example.com/a/b`. What would let anybody in is gone. Undefined for a path that is relative, which names no place
 * that others could mean too.
 */
export function comparableRemote(url: string): string | undefined {
  const whole = schemeForm.exec(url)?.groups;
  if (whole) return joined(whole['host'] ?? '', whole['path'] ?? '');
  if (absolutePath.test(url)) return joined('', url.replaceAll('\\', '/'));
  const short = shortForm.exec(url)?.groups;
  return short ? joined(short['host'] ?? '', short['path'] ?? '') : undefined;
}

/** A password may hold an `@` too: the last one before the path ends it. */
const schemeForm = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/]*@)?(?<host>\[[^\]]*\]|[^/:?#]*)(?::\d*)?(?<path>[^?#]*)/i;
const absolutePath = /^(?:\/|[a-z]:[\\/])/i;
/** As scp writes it. */
const shortForm = /^(?:[^/@:]+@)?(?<host>[^/@:]+):(?<path>.+)$/;

const suffix = /\.git$/i;

function joined(host: string, path: string): string | undefined {
  const place = path
    .split('/')
    .filter((part) => part !== '')
    .join('/')
    .replace(suffix, '');
  return place === '' ? undefined : `${host.toLowerCase()}/${place}`;
}
