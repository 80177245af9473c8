import type { ComponentChildren } from 'preact';
import { formatCost } from '#shared/amounts.ts';
import { errorWords } from '#shared/error-words.ts';
import type { SessionID } from '#shared/ids.ts';
import type { AssistantMessage } from '#shared/message.ts';
import type { RetryPart } from '#shared/part.ts';
import { Button } from '../controls/button.tsx';
import { useChat } from '../controls/chat-context.ts';
import { CopyButton } from '../controls/copy-button.tsx';
import { formatDuration } from '../controls/format.ts';
import { Icon } from '../controls/icon.tsx';
import { useNow } from '../controls/now.ts';
import type { Turn } from '../store/turns.ts';
import { ErrorNote } from './error-note.tsx';
import { TraceButton } from './trace-button.tsx';
import { answerText, endOf, turnCost, turnDuration } from './turn-end.ts';

interface TurnFooterProps {
  readonly turn: Turn;
  readonly running: boolean;
  readonly isLast: boolean;
  readonly sessionID: SessionID;
  readonly asking: boolean;
}

/** The last line of a turn: what it waits for, how it ended, and what can be done about it. */
export function TurnFooter({ turn, running, isLast, sessionID, asking }: TurnFooterProps) {
  const { say, post } = useChat();
  const end = endOf(turn, running);
  const goOn = () => post({ type: 'run.continue', sessionID });
  const trace = <TraceButton turn={turn} sessionID={sessionID} />;
  switch (end.type) {
    case 'waiting':
      return asking ? null : <Waiting words={say(end.first ? 'transcript.waiting' : 'transcript.working')} />;
    case 'retrying':
      return <Retrying part={end.part} />;
    case 'interrupted':
      return (
        <div class="note">
          <Icon name="debug-disconnect" />
          <div class="note-text">
            <strong>{say('transcript.interrupted')}</strong>
            <p>{say('transcript.interrupted.detail')}</p>
            {isLast ? (
              <Button kind="secondary" onClick={goOn}>
                {say('run.continue')}
              </Button>
            ) : null}
          </div>
          {trace}
        </div>
      );
    case 'failed':
      return (
        <ErrorNote error={end.error} onRetry={isLast ? goOn : null} sessionID={sessionID} action={trace} />
      );
    case 'done':
      return (
        <Facts turn={turn} last={end.last}>
          {trace}
        </Facts>
      );
    case 'live':
    case 'open':
      return null;
  }
}

/** Why nothing comes yet, and when it goes on. Stop, below, ends it. */
function Retrying({ part: { error, attempt, time } }: { readonly part: RetryPart }) {
  const { say } = useChat();
  const seconds = Math.ceil((time.next - useNow(true)) / 1_000);
  const { happened, args } = errorWords(error);
  const again =
    seconds > 0
      ? say('retry.in', [formatDuration(seconds * 1_000).replace('.0', ''), String(attempt)])
      : say('retry.now', [String(attempt)]);
  return <Waiting words={`${say(happened, args)} ${again}`} />;
}

function Waiting({ words }: { readonly words: string }) {
  return (
    <p class="waiting">
      <Icon name="loading" />
      {words}
    </p>
  );
}

function Facts(props: {
  readonly turn: Turn;
  readonly last: AssistantMessage;
  readonly children: ComponentChildren;
}) {
  const { say } = useChat();
  const { turn, last, children } = props;
  const cost = turnCost(turn);
  const facts = [
    last.modelID,
    ...(last.variant === undefined ? [] : [last.variant]),
    last.agent,
    formatDuration(turnDuration(turn, last)),
    ...(cost > 0 ? [formatCost(cost)] : []),
  ];
  return (
    <footer class="facts">
      <span class="facts-text">{facts.join(' · ')}</span>
      <CopyButton text={answerText(turn)} label={say('transcript.copy')} />
      {children}
    </footer>
  );
}
