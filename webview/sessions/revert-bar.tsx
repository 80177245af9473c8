import type { SessionView } from '#shared/fold.ts';
import { useChat } from '../controls/chat-context.ts';
import { Icon } from '../controls/icon.tsx';
import { QuietButton } from '../controls/quiet-button.tsx';
import { takenBack, textOf } from '../store/turns.ts';

/** Says what was taken back, until it is brought back or the next prompt takes its place (RT-21). */
export function RevertBar({ view, draft }: { readonly view: SessionView; readonly draft: string }) {
  const { say, post, dispatch } = useChat();
  const { session, messages } = view;
  const bringBack = () => {
    const first = messages.find(({ info }) => info.id === session.revert?.messageID);
    // The prompt goes back into history: its copy in the box, where it was not changed, would be sent twice.
    if (first && draft === textOf(first)) dispatch({ type: 'draft.replaced', text: '' });
    post({ type: 'session.unrevert', sessionID: session.id });
  };
  const { files = 0 } = session.revert ?? {};
  const gone = takenBack(view);
  const counted = gone === 1 ? say('revert.messages.one') : say('revert.messages', [gone]);
  const changed = files === 1 ? say('revert.files.one') : say('revert.files', [files]);
  return (
    <div class="revert-bar" role="status">
      <Icon name="discard" />
      <span class="revert-text">
        {files > 0 ? say('revert.both', [counted, changed]) : say('revert.only', [counted])}{' '}
        <QuietButton look="link" onClick={bringBack}>
          {say('revert.undo')}
        </QuietButton>
      </span>
    </div>
  );
}
