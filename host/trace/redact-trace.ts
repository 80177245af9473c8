import type { TurnTrace } from './turn-trace.ts';

/** Takes secrets out of a text. */
export type Hide = (text: string) => string;

/** A trace without what is to be hidden: in texts only, so that no number and no name of a field is torn. */
export function redactTrace(trace: TurnTrace, hide: Hide): TurnTrace {
  const { request, entries } = trace;
  return {
    ...trace,
    request: request && {
      url: hide(request.url),
      headers: mapped(request.headers, hide),
      body: deep(request.body, hide),
    },
    entries: entries.map((entry) => ({
      ...entry,
      facts: mapped(entry.facts, (fact) => (typeof fact === 'string' ? hide(fact) : fact)),
    })),
  };
}

function mapped<V>(
  record: Readonly<Record<string, V>>,
  change: (value: V) => V,
): Readonly<Record<string, V>> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

function deep(value: unknown, hide: Hide): unknown {
  if (typeof value === 'string') return hide(value);
  if (Array.isArray(value)) return value.map((item) => deep(item, hide));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, deep(item, hide)]));
}
