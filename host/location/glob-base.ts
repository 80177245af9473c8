export interface SplitGlob {
  /** The folder that the pattern starts in, without any wildcard. */
  readonly prefix: string;
  readonly rest: string;
  /** `rest` goes up (`..`), in any of its alternatives. */
  readonly climbs: boolean;
}

const magic = /[*?[\]{}()!+@\\]/;
const parentInPattern = /(?:^|[/\\{},()|])\.\.(?:$|[/\\{},()|])/;

/** Splits a glob pattern at its first name with a wildcard. */
export function splitGlob(pattern: string): SplitGlob {
  const names = pattern.split('/');
  const firstMagic = names.findIndex((name) => magic.test(name));
  // The last name is what is looked for, even where it has no wildcard.
  const at = firstMagic === -1 ? names.length - 1 : firstMagic;
  const prefix = names.slice(0, at).join('/');
  const rest = names.slice(at).join('/');
  return { prefix: prefix === '' && at > 0 ? '/' : prefix, rest, climbs: parentInPattern.test(rest) };
}
