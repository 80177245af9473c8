import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchActivation } from './activation.ts';
import { benchCatalog } from './catalog.ts';
import { benchCommit } from './commit.ts';
import { benchGroup } from './group.ts';
import { benchHistory } from './history.ts';
import { benchModelCore } from './model-core.ts';
import { benchOpening } from './opening.ts';
import { benchRun } from './run.ts';
import { benchStall } from './stall.ts';

// `npm run bench`: each figure as a ratio against a baseline of the same run, with the raw medians beside it.

const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
try {
  const { lines } = await benchRun(folder);
  for (const line of lines) console.log(line);
  const commit = await benchCommit({ pairs: 500 });
  console.log(
    `\nA prompt's commit / a bare append and fdatasync of the same bytes: ${commit.ratio.toFixed(2)}`,
  );
  for (const line of commit.lines) console.log(`  ${line}`);
  for (const line of await benchCatalog()) console.log(line);
  for (const line of await benchHistory()) console.log(line);
  for (const line of await benchModelCore()) console.log(line);
  for (const line of await benchGroup(folder)) console.log(line);
  for (const line of await benchOpening(folder)) console.log(line);
  for (const line of benchStall(folder)) console.log(line);
  for (const line of benchActivation()) console.log(line);
  const vsix = statSync('dist/millrace.vsix', { throwIfNoEntry: false });
  console.log(
    vsix ? `\nVSIX: ${(vsix.size / 1024 / 1024).toFixed(2)} MiB` : '\nVSIX: not packed (npm run package)',
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
