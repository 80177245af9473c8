/** A session's title as the name of a file: letters and digits of any script, joined by dashes, 60 at most. */
export function fileName(title: string): string {
  const name = title.replace(separators, '-').slice(0, 60).replace(edges, '');
  return name === '' ? 'session' : name;
}

const separators = /[^\p{L}\p{N}]+/gu;
const edges = /^-+|-+$/g;
