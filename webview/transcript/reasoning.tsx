import { useState } from 'preact/hooks';
import type { ReasoningPart } from '#shared/part.ts';
import { useChat } from '../controls/chat-context.ts';
import { formatDuration } from '../controls/format.ts';
import { Icon } from '../controls/icon.tsx';
import { memo } from '../controls/memo.ts';
import { QuietButton } from '../controls/quiet-button.tsx';
import { Markdown } from './markdown.tsx';

/** What the model thought before it answered: one folded line with the time it took. */
export const Reasoning = memo((props: { readonly part: ReasoningPart; readonly live: boolean }) => {
  const { say } = useChat();
  const [open, setOpen] = useState(false);
  const { part, live } = props;
  const { start, end } = part.time;
  const took = end === undefined ? null : end - start;
  return (
    <div class="reasoning">
      <QuietButton look="line-toggle" expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={open ? 'chevron-down' : 'chevron-right'} />
        {thoughtWords(took)}
        {live ? <Icon name="loading" /> : null}
      </QuietButton>
      {open ? (
        <div class="reasoning-text">
          <Markdown text={part.text} open={live} />
        </div>
      ) : null}
    </div>
  );

  function thoughtWords(milliseconds: number | null): string {
    if (live) return say('transcript.thinking');
    if (milliseconds === null || milliseconds < 1_000) return say('transcript.thought.short');
    return say('transcript.thought', [
      formatDuration(Math.round(milliseconds / 1_000) * 1_000).replace('.0', ''),
    ]);
  }
});
