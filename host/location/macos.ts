/** What macOS reads into path names; checked on its rows of the corpus lexically, not run on a Mac. */
export function macosRefusal(segments: readonly string[]): string | undefined {
  if (segments.some((segment) => segment.toLowerCase() === '..namedfork')) return 'it names a resource fork';
  const [first, second] = segments;
  if (first === '' && ['.vol', '.nofollow', '.resolve', '.file'].includes(second?.toLowerCase() ?? '')) {
    return 'it reaches files past their names';
  }
  return undefined;
}
