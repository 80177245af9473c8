import { useMemo } from 'preact/hooks';
import { type DiffLine, parseDiff } from './diff-lines.ts';
import { memo } from './memo.ts';
import { VisibleText } from './visible-text.tsx';
import './diff.css';

/** A small coloured diff. The sign stands in the text too: colour alone says nothing. */
export const Diff = memo(({ diff, label }: { readonly diff: string; readonly label: string }) => {
  const lines = useMemo(() => parseDiff(diff), [diff]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <figure class="diff" aria-label={label} dir="ltr" tabIndex={0}>
      {lines.map((line, index) => (
        <Row key={index} line={line} />
      ))}
    </figure>
  );
});

const signs = { context: ' ', added: '+', removed: '−' } as const;

function Row({ line }: { readonly line: DiffLine }) {
  if (line.type === 'gap') return <div class="diff-gap" />;
  if (line.type === 'note') return <div class="diff-note">{line.text}</div>;
  return (
    <div class={`diff-row diff-${line.type}`}>
      <span class="diff-number">{line.line}</span>
      <span class="diff-sign">{signs[line.type]}</span>
      <span class="diff-text">
        <VisibleText text={line.text} />
      </span>
    </div>
  );
}

/** How many lines came and went. */
export function DiffStat({
  additions,
  deletions,
}: {
  readonly additions: number;
  readonly deletions: number;
}) {
  return (
    <span class="diff-stat" dir="ltr">
      <span class="diff-stat-added">+{additions}</span> <span class="diff-stat-removed">−{deletions}</span>
    </span>
  );
}
