/** One line of a unified diff; `line` counts from one, in the old file for removed lines, else in the new one. */
export type DiffLine =
  | { readonly type: 'context' | 'added' | 'removed'; readonly text: string; readonly line: number }
  /** A hole between two hunks. */
  | { readonly type: 'gap' }
  /** A file's name in a diff over several files, or a remark such as a missing last newline. */
  | { readonly type: 'note'; readonly text: string };

/**
 * Reads a unified diff. Linear, and tolerant: a diff that was cut off ends where it ends, and the line counts of a
 * hunk decide what belongs to it, so that a removed `-- x` is not taken for a header.
 */
export function parseDiff(diff: string): readonly DiffLine[] {
  const lines: DiffLine[] = [];
  const at = { old: 0, new: 0, oldLeft: 0, newLeft: 0, hunks: 0 };
  for (const raw of splitLines(diff)) {
    if (at.oldLeft > 0 || at.newLeft > 0 || raw.startsWith('\\')) {
      lines.push(readBody(raw, at));
      continue;
    }
    const hunk = hunkHeader.exec(raw);
    if (hunk) {
      const [, oldStart, oldCount = '1', newStart, newCount = '1'] = hunk;
      if (at.hunks > 0) lines.push({ type: 'gap' });
      at.hunks += 1;
      at.old = Number(oldStart);
      at.new = Number(newStart);
      at.oldLeft = Number(oldCount);
      at.newLeft = Number(newCount);
    } else if (raw.startsWith('+++ ') && at.hunks > 0) {
      lines.push({ type: 'note', text: raw.slice(4) });
      at.hunks = 0;
    }
  }
  return lines;
}

const hunkHeader = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/u;

interface Place {
  old: number;
  new: number;
  oldLeft: number;
  newLeft: number;
}

function readBody(raw: string, at: Place): DiffLine {
  const text = raw.slice(1);
  if (raw.startsWith('\\')) return { type: 'note', text: text.trim() };
  if (raw.startsWith('+')) {
    at.newLeft -= 1;
    at.new += 1;
    return { type: 'added', text, line: at.new - 1 };
  }
  at.oldLeft -= 1;
  at.old += 1;
  if (raw.startsWith('-')) return { type: 'removed', text, line: at.old - 1 };
  at.newLeft -= 1;
  at.new += 1;
  return { type: 'context', text, line: at.new - 1 };
}

function splitLines(diff: string): readonly string[] {
  const lines = diff.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
