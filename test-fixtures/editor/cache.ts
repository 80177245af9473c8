import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The folder that outlives a checkout: the built editor, installed extensions, an editor kept open.
 * `$MILLRACE_CACHE`, else `$XDG_CACHE_HOME/millrace`, else `~/.cache/millrace`. It may not exist yet.
 */
export function cacheFolder(): string {
  const own = process.env['MILLRACE_CACHE'];
  if (own) return own;
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'millrace');
}
