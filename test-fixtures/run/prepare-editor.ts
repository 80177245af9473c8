import { ensureEditor } from '../editor/code-server.ts';
import { chromiumNeed, provide } from '../editor/debian.ts';

/**
 * Gets what tests in a browser and in the real editor need: Chromium (from Debian, if root) and code-server (built once
 * into the cache). Done before the tests, since on a fresh machine it takes minutes, and no test waits that long.
 */
const report = (line: string) => console.log(line);
try {
  provide([chromiumNeed], report);
  await ensureEditor({ report, signal: AbortSignal.timeout(30 * 60_000) });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
