import { mkdir, open, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pause } from './pause.ts';

const beatMs = 2_000;
const abandonedMs = 15_000;

/**
 * Waits until this process alone holds `file`, and holds it until disposed. The owner touches the file every
 * two seconds; one that has been still for 15 s belongs to a dead process and is taken over. Process ids are
 * not asked, since containers may share the folder. Rejects with the signal's reason when aborted.
 */
export async function holdLock(file: string, options: LockOptions): Promise<AsyncDisposable> {
  await mkdir(dirname(file), { recursive: true });
  let told = false;
  while (!(await create(file))) {
    if (!told) options.onWait();
    told = true;
    await removeAbandoned(file);
    await pause(500, options.signal);
  }
  const beat = setInterval(() => void touch(file), beatMs);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(beat);
      await rm(file, { force: true });
    },
  };
}

export interface LockOptions {
  /** Called once if somebody else holds the lock. */
  readonly onWait: () => void;
  readonly signal: AbortSignal;
}

async function create(file: string): Promise<boolean> {
  try {
    await using handle = await open(file, 'wx');
    await handle.writeFile(String(process.pid));
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Moves the dead lock aside before deleting it, so that of two waiters only one removes it. */
async function removeAbandoned(file: string): Promise<void> {
  const aside = `${file}.${process.pid}.dead`;
  try {
    const { mtimeMs } = await stat(file);
    if (Date.now() - mtimeMs < abandonedMs) return;
    await rename(file, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  await rm(aside, { force: true });
}

async function touch(file: string): Promise<void> {
  try {
    await utimes(file, new Date(), new Date());
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
