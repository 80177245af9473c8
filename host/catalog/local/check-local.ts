import type { Auth } from '../../llm/endpoint.ts';
import type { Fetch } from '../../llm/framing/exchange.ts';
import { isLoopback } from '../../llm/local/loopback.ts';
import { type Finding, preflight } from '../../llm/local/preflight.ts';
import { findingWords } from '../../llm/local/words.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CatalogModel } from '../catalog.ts';
import { modelClock } from '../model-clock.ts';
import { kindOf } from './found-servers.ts';

/** What stands between the user and a local model, in plain words; `blocks`: no answer will come. */
export interface LocalFinding {
  readonly type: Finding['type'];
  readonly weight: Finding['weight'];
  /** False where a server may only answer otherwise than those that are known: it is told where a turn failed. */
  readonly isSure: boolean;
  readonly problem: string;
  /** What to do about it. */
  readonly remedy: string;
}

export interface CheckWorld {
  readonly clock: Clock;
  readonly fetch?: Fetch;
  readonly signal: AbortSignal;
}

/** Whether a model's endpoint is on this machine. */
export function isLocal({ endpoint }: CatalogModel): boolean {
  return isLoopback(endpoint);
}

/**
 * Asks the server of a local model whether it is there, has the model, and gives it room (LM-14). It is asked with what a
 * turn would send along, and at its own address alone. Throws `signal.reason` on abort, and nothing else.
 */
export async function checkLocal(
  model: CatalogModel,
  { clock, ...world }: CheckWorld,
): Promise<readonly LocalFinding[]> {
  const { ref, wireID, route } = model;
  const kind = kindOf(ref.providerID);
  const findings = await preflight({
    ...world,
    clock: modelClock(clock),
    baseURL: route.endpoint.baseURL,
    model: wireID,
    headers: { ...route.endpoint.headers, ...headerOf(route.auth) },
    ...(kind ? { kind } : {}),
  });
  return findings.map((finding) => {
    const { type, weight } = finding;
    const isSure = type === 'unreachable' || (type === 'model-missing' && finding.kind !== 'other');
    return { type, weight, isSure, ...findingWords(finding) };
  });
}

function headerOf(auth: Auth): Readonly<Record<string, string>> {
  if (auth.type === 'bearer') return { authorization: `Bearer ${auth.key}` };
  return auth.type === 'header' ? { [auth.name]: auth.value } : {};
}
