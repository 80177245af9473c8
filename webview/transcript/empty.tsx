import type { ComponentChildren } from 'preact';
import type { PageWord } from '#shared/page-words.ts';
import { Button } from '../controls/button.tsx';
import { useChat } from '../controls/chat-context.ts';
import { QuietButton } from '../controls/quiet-button.tsx';
import type { StateMessage } from '../store/state.ts';
import './empty.css';

const examples: readonly PageWord[] = ['empty.example.explain', 'empty.example.test', 'empty.example.fix'];

/** What stands where no conversation is yet: what is missing first, else a calm invitation. */
export function Empty(props: { readonly location: StateMessage['location']; readonly hasModel: boolean }) {
  const { say, post, dispatch } = useChat();
  const { location, hasModel } = props;
  if (location === null) return <Hint title="empty.folder.title" body={say('empty.folder.body')} />;
  if (!hasModel) {
    return (
      <Hint title="empty.provider.title" body={say('empty.provider.body')}>
        <Button kind="primary" onClick={() => post({ type: 'model.choose' })}>
          {say('empty.provider.choose')}
        </Button>
        <QuietButton look="link" onClick={() => post({ type: 'config.open' })}>
          {say('empty.provider.action')}
        </QuietButton>
      </Hint>
    );
  }
  const fill = (text: string) => {
    dispatch({ type: 'draft.replaced', text });
    document.getElementById('prompt')?.focus();
  };
  return (
    <Hint title="empty.title" body={say('empty.hint', [location.name])}>
      <div class="examples">
        {examples.map((key) => (
          <QuietButton key={key} look="example" onClick={() => fill(say(key))}>
            {say(key)}
          </QuietButton>
        ))}
      </div>
    </Hint>
  );
}

function Hint(props: {
  readonly title: PageWord;
  readonly body: string;
  readonly children?: ComponentChildren;
}) {
  const { say } = useChat();
  return (
    <div class="empty" dir="auto">
      <h2>{say(props.title)}</h2>
      <p>{props.body}</p>
      {props.children}
    </div>
  );
}
