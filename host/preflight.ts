import type { ModelRef } from '#shared/message.ts';
import type { Catalog, Resolution } from './catalog/catalog.ts';
import { type CheckWorld, checkLocal, isLocal, type LocalFinding } from './catalog/local/check-local.ts';

/** What a look at a model's server told. */
export type Preflight =
  /** Its server is on this machine, and was asked; no findings: nothing stands in the way. */
  | { readonly type: 'checked'; readonly findings: readonly LocalFinding[] }
  /** Its endpoint is elsewhere: nobody was asked. */
  | { readonly type: 'remote' }
  /** It cannot be asked at all, and why. */
  | Exclude<Resolution, { type: 'model' }>;

/** Looks at the server of a local model, in words for the user (LM-14). Throws `signal.reason` on abort. */
export async function preflightModel(catalog: Catalog, ref: ModelRef, world: CheckWorld): Promise<Preflight> {
  const resolution = catalog.resolve(ref);
  if (resolution.type !== 'model') return resolution;
  if (!isLocal(resolution.model)) return { type: 'remote' };
  return { type: 'checked', findings: await checkLocal(resolution.model, world) };
}
