/**
 * OpenCode's patterns: `*` is any run of characters (newlines too), `?` exactly one, the whole text must match, and a
 * trailing ` *` is optional, so that `git status *` matches `git status`.
 * Linear in text times pattern at worst: rules come from files, and no pattern may hang the host.
 */
export function matchesPattern(text: string, pattern: string): boolean {
  if (pattern.endsWith(' *') && matchesWhole(text, pattern.slice(0, -2))) return true;
  return matchesWhole(text, pattern);
}

function matchesWhole(text: string, pattern: string): boolean {
  let at = 0;
  let inPattern = 0;
  let star = -1;
  let afterStar = 0;
  while (at < text.length) {
    if (pattern[inPattern] === '*') {
      star = inPattern++;
      afterStar = at;
    } else if (pattern[inPattern] === '?' || pattern[inPattern] === text[at]) {
      inPattern++;
      at++;
    } else if (star >= 0) {
      // The last star takes one character more, and matching goes on behind it.
      inPattern = star + 1;
      at = ++afterStar;
    } else {
      return false;
    }
  }
  while (pattern[inPattern] === '*') inPattern++;
  return inPattern === pattern.length;
}
