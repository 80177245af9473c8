import { closeKeptEditor } from '../editor/kept-editor.ts';
import { prepare, runStep, runTests } from './suite.ts';

/**
 * `npm run test:e2e [-- flags and files]`: packs the extension, then runs e2e files (all, or those whose path holds one
 * of the given words).
 *
 * - `--keep`: uses an editor that stays open afterwards, and the one that an earlier run left open if the VSIX is the
 *   same: a second or two instead of five. For working on one file: `npm run test:e2e -- --keep --packed chat`.
 * - `--packed`: takes dist/millrace.vsix as it is.
 * - `--close`: ends the kept editor, and does nothing else.
 */
async function main(args: readonly string[]): Promise<boolean> {
  if (args.includes('--close')) {
    console.log((await closeKeptEditor()) ? 'The kept editor is closed.' : 'No editor is kept open.');
    return true;
  }
  if (args.includes('--keep')) process.env['MILLRACE_KEEP_EDITOR'] = '1';
  if ((await prepare('prepare:editor')).failed > 0) return false;
  if (!args.includes('--packed') && (await runStep('package')).failed > 0) return false;
  const files = args.filter((arg) => !arg.startsWith('--'));
  return (await runTests('e2e', files)).failed === 0;
}

process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
