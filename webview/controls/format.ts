/** A span of time: `0.4 s`, `12 s`, `2 min 5 s`, `1 h 2 min`. Takes milliseconds. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1_000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A path as the user knows it: from the session's folder on, where it lies inside. */
export function shortPath(path: string, directory: string): string {
  const base = directory.replace(trailingSlash, '');
  if (base === '' || !path.startsWith(base)) return path;
  const rest = path.slice(base.length);
  return slash.test(rest) ? rest.slice(1) || path : path;
}

const trailingSlash = /[/\\]$/u;
const slash = /^[/\\]/u;

/** Splits a path before its last name, so that a narrow view can cut the folders and keep the name. */
export function splitPath(path: string): { readonly folder: string; readonly name: string } {
  const at = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1;
  return { folder: path.slice(0, at), name: path.slice(at) };
}
