import { afterAll, afterEach } from 'vitest';
import type { EditorOptions } from './open-editor.ts';
import { openStage, type Stage } from './stage.ts';

/**
 * The stage of a file of tests, to be awaited above them: it is closed after the last, and a test that fails leaves a
 * picture and the logs.
 */
export async function useStage(options: EditorOptions = {}): Promise<Stage> {
  const stage = await openStage(options);
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await stage.editor.saveEvidence(task.name);
  });
  afterAll(() => stage[Symbol.asyncDispose]());
  return stage;
}
