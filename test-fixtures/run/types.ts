import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const worlds = ['shared', 'host', 'webview', 'extension', 'test-fixtures'];

/** `npm run types`: checks every world by its own tsconfig and goes on after a failure. */
const home = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
const failed = worlds.filter((world) => {
  const args = [join(home, 'bin/tsc'), '-p', world, '--pretty', 'false'];
  return spawnSync(process.execPath, args, { stdio: 'inherit' }).status !== 0;
});
console.log(
  failed.length === 0 ? `Types are right in ${worlds.join(', ')}.` : `Types fail in ${failed.join(', ')}.`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
