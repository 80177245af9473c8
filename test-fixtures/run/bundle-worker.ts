import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TestProject } from 'vitest/node';
// For its type of what is provided.
import type {} from '#host/testing/test-host.ts';

/** Before the tests of a project: hundreds of them open a store, which would load its sources each time. */
export function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-worker-'));
  execFileSync(process.execPath, ['esbuild.mjs', '--store-worker', folder], { stdio: 'inherit' });
  project.provide('storeWorker', pathToFileURL(join(folder, 'store-worker.js')).href);
  return () => rmSync(folder, { recursive: true, force: true });
}
