import type { RefObject } from 'preact';
import { useChat } from '../controls/chat-context.ts';
import { Icon } from '../controls/icon.tsx';
import { QuietButton } from '../controls/quiet-button.tsx';

/** Leads back to the end, or to the request that waits there. */
export function JumpButton(props: {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly asking: boolean;
  readonly onJump: () => void;
}) {
  const { say } = useChat();
  const { scroller, asking, onJump } = props;
  const jump = () => {
    const card = asking ? scroller.current?.querySelector('[role="alertdialog"]') : null;
    if (card) card.scrollIntoView({ block: 'nearest' });
    else onJump();
  };
  return (
    <QuietButton look="jump" onClick={jump}>
      <Icon name={asking ? 'shield' : 'arrow-down'} />
      {say(asking ? 'permission.jump' : 'transcript.jump')}
    </QuietButton>
  );
}
