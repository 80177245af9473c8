import { useState } from 'preact/hooks';
import { formatCost } from '#shared/amounts.ts';
import { errorWords } from '#shared/error-words.ts';
import type { AssistantMessage } from '#shared/message.ts';
import type { MessageWithParts } from '#shared/session.ts';
import { Button } from '../controls/button.tsx';
import { useChat } from '../controls/chat-context.ts';
import { formatDuration } from '../controls/format.ts';
import { Icon } from '../controls/icon.tsx';
import { memo } from '../controls/memo.ts';
import { useNow } from '../controls/now.ts';
import { QuietButton } from '../controls/quiet-button.tsx';
import { textOf } from '../store/turns.ts';
import { Markdown } from './markdown.tsx';
import './fold.css';

interface FoldLineProps {
  /** The message that the Compaction writes: its reason, then the summary. */
  readonly message: MessageWithParts;
  readonly running: boolean;
  /** Nothing came after it. */
  readonly isLast: boolean;
}

/** A Compaction: one quiet line while it runs, a divider that opens to the summary when it is done, else why not. */
export const FoldLine = memo(({ message, running, isLast }: FoldLineProps) => {
  const { info } = message;
  if (info.role !== 'assistant') return null;
  if (info.error && info.error.name !== 'MessageAbortedError') {
    return <FailedFold info={info} retry={isLast && reasonOf(message) === 'manual'} />;
  }
  if (info.error) return <StoppedFold id={info.id} />;
  if (info.time.completed !== undefined) return <DoneFold message={message} info={info} />;
  return running ? <RunningFold info={info} /> : <StoppedFold id={info.id} />;
});

function RunningFold({ info }: { readonly info: AssistantMessage }) {
  const { say } = useChat();
  const elapsed = Math.floor(Math.max(0, useNow(true) - info.time.created) / 1_000) * 1_000;
  return (
    <p class="waiting" data-message={info.id}>
      <Icon name="loading" />
      {say('fold.running')}
      {/* The seconds are not read out one by one. */}
      <span class="fold-elapsed" aria-hidden="true">
        {elapsed < 1_000 ? null : formatDuration(elapsed).replace('.0', '')}
      </span>
    </p>
  );
}

function DoneFold({
  message,
  info,
}: {
  readonly message: MessageWithParts;
  readonly info: AssistantMessage;
}) {
  const { say } = useChat();
  const [open, setOpen] = useState(false);
  const { created, completed = created } = info.time;
  const facts = [
    info.modelID,
    formatDuration(completed - created),
    ...(info.cost > 0 ? [formatCost(info.cost)] : []),
  ];
  const by = say(reasonOf(message) === 'manual' ? 'fold.manual' : 'fold.automatic');
  return (
    <div class="fold" data-message={info.id}>
      <div class="fold-divider">
        <QuietButton look="line-toggle" expanded={open} onClick={() => setOpen(!open)}>
          <Icon name={open ? 'chevron-down' : 'chevron-right'} />
          {say('fold.done', [by])}
        </QuietButton>
      </div>
      {open ? (
        <div class="fold-summary">
          <p class="meta">{say('fold.detail')}</p>
          <Markdown text={textOf(message)} open={false} />
          <p class="meta">{facts.join(' · ')}</p>
        </div>
      ) : null}
    </div>
  );
}

function StoppedFold({ id }: { readonly id: string }) {
  const { say } = useChat();
  return (
    <p class="context-line" data-message={id}>
      <Icon name="circle-slash" />
      <span>
        {say('fold.stopped')} {say('fold.unchanged')}
      </span>
    </p>
  );
}

function FailedFold({ info, retry }: { readonly info: AssistantMessage; readonly retry: boolean }) {
  const { say, post } = useChat();
  const why = info.error ? errorWords(info.error) : null;
  return (
    <div class="note" data-message={info.id}>
      <Icon name="warning" tone="warning" />
      <div class="note-text">
        <strong>{say('fold.failed')}</strong>
        <p>
          {why ? say(why.happened, why.args) : null} {say('fold.unchanged')}
        </p>
        {retry ? (
          <Button
            kind="secondary"
            onClick={() => post({ type: 'session.compact', sessionID: info.sessionID })}
          >
            {say('run.retry')}
          </Button>
        ) : null}
      </div>
    </div>
  );
}

function reasonOf({ parts }: MessageWithParts): 'manual' | 'automatic' {
  return parts.some((part) => part.type === 'compaction' && part.reason === 'manual')
    ? 'manual'
    : 'automatic';
}
