/** A number of tokens: `842`, `12.4k`, `136k`, `1.2M`. */
export function formatTokens(tokens: number): string {
  if (tokens < 1_000) return String(tokens);
  if (tokens >= 99_950 && tokens < 999_500) return `${Math.round(tokens / 1_000)}k`;
  if (tokens < 99_950) return `${(tokens / 1_000).toFixed(1)}k`;
  return `${(tokens / 1_000_000).toFixed(1)}M`;
}

/** Dollars: `$0.18`; what is too little for cents is said to be so. */
export function formatCost(dollars: number): string {
  return dollars > 0 && dollars < 0.005 ? '<$0.01' : `$${dollars.toFixed(2)}`;
}
