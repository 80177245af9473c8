import type { SessionID } from '#shared/ids.ts';
import { useChat } from '../controls/chat-context.ts';
import { Icon } from '../controls/icon.tsx';
import { QuietButton } from '../controls/quiet-button.tsx';
import type { Turn } from '../store/turns.ts';
import { lastAnswer } from './turn-end.ts';

/** Opens beside the chat what the turn's last request to the model held, and what came of it. */
export function TraceButton({ turn, sessionID }: { readonly turn: Turn; readonly sessionID: SessionID }) {
  const { say, post } = useChat();
  const messageID = lastAnswer(turn)?.id;
  if (messageID === undefined) return null;
  return (
    <QuietButton
      look="action"
      label={say('transcript.trace')}
      title={say('transcript.trace')}
      onClick={() => post({ type: 'trace.show', sessionID, messageID })}
    >
      <Icon name="pulse" />
    </QuietButton>
  );
}
