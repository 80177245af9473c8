import type { ComponentChildren } from 'preact';
import { useChat } from './chat-context.ts';
import { Icon, type IconName } from './icon.tsx';
import { QuietButton } from './quiet-button.tsx';

const looks = { info: undefined, warning: 'warning', error: 'error' } as const;
const icons: Readonly<Record<keyof typeof looks, IconName>> = {
  info: 'info',
  warning: 'warning',
  error: 'error',
};

/** One line above the conversation that says what holds for all of it, with what can be done about it. */
export function Banner(props: {
  readonly level: keyof typeof looks;
  readonly icon?: IconName;
  readonly children: ComponentChildren;
  readonly action?: ComponentChildren;
  readonly onDismiss?: () => void;
}) {
  const { say } = useChat();
  const { level, icon = icons[level], children, action, onDismiss } = props;
  const tone = looks[level];
  return (
    <div class={`banner banner-${level}`} role={level === 'error' ? 'alert' : 'status'}>
      <Icon name={icon} {...(tone === undefined ? {} : { tone })} />
      <div class="banner-text" dir="auto">
        {children} {action}
      </div>
      {onDismiss ? (
        <QuietButton
          look="action"
          label={say('notice.dismiss')}
          title={say('notice.dismiss')}
          onClick={onDismiss}
        >
          <Icon name="close" />
        </QuietButton>
      ) : null}
    </div>
  );
}
