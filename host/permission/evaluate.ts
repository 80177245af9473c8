import type { PermissionAction, RuleLayer, RuleOrigin } from '#shared/permission.ts';
import type { LayerRules } from './layer-rules.ts';
import { usableShellRules } from './shell-rules.ts';
import { matchesPattern } from './wildcard.ts';

export interface RuleRequest {
  readonly permission: string;
  readonly patterns: readonly string[];
  /** A floor: asks even where every rule allows, and no saved answer lifts it (decision 4). */
  readonly floor?: string;
}

/** The answer, and the rule that gave it. */
export interface Verdict {
  readonly action: PermissionAction;
  readonly origin: RuleOrigin;
}

/**
 * Decides a request by decision 3: inside a layer the last matching rule wins, across layers the strictest; only the
 * user's layer may allow what the defaults ask, and a saved answer lifts an ask, never a deny.
 * Pure. Without any rule the answer is ask.
 */
export function evaluate(layers: readonly LayerRules[], request: RuleRequest): Verdict {
  const verdicts = request.patterns.map((pattern) => forPattern(layers, request, pattern));
  return strictest(verdicts) ?? { action: 'ask', origin: { layer: 'defaults' } };
}

function forPattern(layers: readonly LayerRules[], request: RuleRequest, pattern: string): Verdict {
  const byLayer = layers.map((layer) => ({
    layer: layer.layer,
    verdict: inLayer(layer, { ...request, pattern, layers }),
  }));
  const of = (name: RuleLayer) => byLayer.find(({ layer }) => layer === name)?.verdict;
  const defaults = of('defaults') ?? { action: 'ask', origin: { layer: 'defaults' } };
  const user = of('user');
  const ground = user?.action === 'allow' && defaults.action === 'ask' ? user : strictest([defaults, user]);
  const others = byLayer.filter(({ layer }) => !['defaults', 'user', 'saved'].includes(layer));
  const ruled = strictest([ground, ...others.map(({ verdict }) => verdict)]) ?? defaults;
  return withFloor(withSaved(ruled, of('saved')), ruled, request);
}

function withSaved(ruled: Verdict, saved: Verdict | undefined): Verdict {
  if (saved?.action === 'deny' && ruled.action !== 'deny') return saved;
  return saved?.action === 'allow' && ruled.action === 'ask' ? saved : ruled;
}

function withFloor(verdict: Verdict, ruled: Verdict, { floor }: RuleRequest): Verdict {
  if (floor === undefined || verdict.action === 'deny') return verdict;
  return ruled.action === 'deny' ? ruled : { action: 'ask', origin: { layer: 'floor' } };
}

interface PatternRequest extends RuleRequest {
  readonly pattern: string;
  readonly layers: readonly LayerRules[];
}

function inLayer(
  { layer, rules }: LayerRules,
  { permission, pattern, layers }: PatternRequest,
): Verdict | undefined {
  const usable = permission === 'shell' ? usableShellRules(rules, pattern, layers) : rules;
  const rule = usable.findLast(
    (each) => matchesPattern(permission, each.permission) && matchesPattern(pattern, each.pattern),
  );
  return rule && { action: rule.action, origin: { layer, rule } };
}

const order: readonly PermissionAction[] = ['allow', 'ask', 'deny'];

/** The strictest of some verdicts; of equal ones the last, which is the nearest to the call. */
function strictest(verdicts: readonly (Verdict | undefined)[]): Verdict | undefined {
  return verdicts.reduce((worst, verdict) => {
    if (verdict === undefined || worst === undefined) return verdict ?? worst;
    return order.indexOf(verdict.action) >= order.indexOf(worst.action) ? verdict : worst;
  }, undefined);
}

/** True where no argument could be allowed: such a tool is not shown to the model at all. */
export function isDeniedWhole(layers: readonly LayerRules[], permission: string): boolean {
  return layers.some(({ rules }) => {
    const last = rules.findLast((each) => matchesPattern(permission, each.permission));
    return last?.action === 'deny' && last.pattern === '*';
  });
}
