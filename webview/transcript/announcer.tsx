import { useRef } from 'preact/hooks';
import type { SessionView } from '#shared/fold.ts';
import type { MessageWithParts } from '#shared/session.ts';
import { useChat } from '../controls/chat-context.ts';

/**
 * Speaks for the conversation to screen readers: a request at once, and when an answer is whole. Text that streams
 * is not read piece by piece: the log is busy until then.
 */
export function Announcer({ view }: { readonly view: SessionView | null }) {
  const { say } = useChat();
  const wasBusy = useRef(false);
  const said = useRef('');
  const wasFolding = useRef(false);
  const busy = view?.status.type === 'busy';
  const folding = busy && isFolding(view?.messages.at(-1));
  if (busy && !wasBusy.current) said.current = say('transcript.working');
  if (folding && !wasFolding.current) said.current = say('fold.running');
  if (!busy && wasBusy.current) said.current = say('transcript.done');
  wasBusy.current = busy;
  wasFolding.current = folding;
  const request = view?.permissions[0];
  return (
    <>
      <div class="visually-hidden" role="status">
        {said.current || null}
      </div>
      <div class="visually-hidden" aria-live="assertive">
        {request ? `${say('permission.label')}: ${request.tool.name} ${request.patterns.join(', ')}` : null}
      </div>
    </>
  );
}

function isFolding(message: MessageWithParts | undefined): boolean {
  return message?.info.role === 'assistant' && message.info.summary === true && !message.info.time.completed;
}
