import type { Notice } from '#shared/notice.ts';
import { type PageWord, pageWords } from '#shared/page-words.ts';
import { Banner } from './banner.tsx';
import { useChat } from './chat-context.ts';
import { memo } from './memo.ts';
import { QuietButton } from './quiet-button.tsx';

interface NoticeBarProps {
  readonly notices: readonly Notice[];
  readonly dismissed: readonly string[];
}

/** What holds for the whole window: a fault in the configuration, a history that cannot be written. */
export const NoticeBar = memo(({ notices, dismissed }: NoticeBarProps) => {
  const { dispatch } = useChat();
  return (
    <>
      {notices
        .filter(({ key }) => !dismissed.includes(key))
        .map((notice) => (
          <NoticeLine
            key={notice.key}
            notice={notice}
            onDismiss={() => dispatch({ type: 'notice.dismissed', key: notice.key })}
          />
        ))}
    </>
  );
});

function NoticeLine({ notice, onDismiss }: { readonly notice: Notice; readonly onDismiss: () => void }) {
  const { say } = useChat();
  const code = notice.code.replace(prefix, '');
  const key = `notice.${code}`;
  const args = Object.values(notice.data);
  return (
    <Banner level={notice.level} action={<NoticeAction code={code} notice={notice} />} onDismiss={onDismiss}>
      {isWord(key) ? say(key, args) : [notice.code, ...args].join(' ')}
    </Banner>
  );
}

/** Rooms may write a code with the words' prefix or without. */
const prefix = /^notice\./u;

function NoticeAction({ code, notice }: { readonly code: string; readonly notice: Notice }) {
  const { say, post } = useChat();
  if (code === 'host.failed') {
    return (
      <>
        <QuietButton look="link" onClick={() => post({ type: 'ready' })}>
          {say('host.retry')}
        </QuietButton>
        <QuietButton look="link" onClick={() => post({ type: 'log.show' })}>
          {say('command.show-log')}
        </QuietButton>
      </>
    );
  }
  if (code === 'sessions.adoptable') {
    const storage = String(notice.data['storage'] ?? '');
    return (
      <>
        <QuietButton look="link" onClick={() => post({ type: 'sessions.adopt', storage })}>
          {say('adopt.accept')}
        </QuietButton>
        <QuietButton look="link" onClick={() => post({ type: 'sessions.adopt.decline', storage })}>
          {say('adopt.decline')}
        </QuietButton>
      </>
    );
  }
  if (code.startsWith('config.')) {
    return (
      <QuietButton look="link" onClick={() => post({ type: 'config.open' })}>
        {say('empty.provider.action')}
      </QuietButton>
    );
  }
  return null;
}

function isWord(key: string): key is PageWord {
  return Object.hasOwn(pageWords, key);
}
