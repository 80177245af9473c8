import { useEffect, useMemo, useRef } from 'preact/hooks';
import { contextFill } from '#shared/context-fill.ts';
import { sayOnPage } from '#shared/page-words.ts';
import { Composer } from './composer/composer.tsx';
import type { Connection } from './connection/connect.ts';
import { Banner } from './controls/banner.tsx';
import { Boundary } from './controls/boundary.tsx';
import { type Chat, ChatContext } from './controls/chat-context.ts';
import { Icon } from './controls/icon.tsx';
import { NoticeBar } from './controls/notice-bar.tsx';
import { QuietButton } from './controls/quiet-button.tsx';
import { RevertBar } from './sessions/revert-bar.tsx';
import { SessionBar } from './sessions/session-bar.tsx';
import type { ChatState } from './store/state.ts';
import { type Store, useStore } from './store/store.ts';
import { sendingHere, standing, textOf } from './store/turns.ts';
import { Empty } from './transcript/empty.tsx';
import { Transcript } from './transcript/transcript.tsx';

/** The whole chat: a pure function of the store's state. */
export function ChatView({ store, connection }: { readonly store: Store; readonly connection: Connection }) {
  const state = useStore(store);
  const { translations, view, location } = state;
  const directory = view?.session.directory ?? location?.directory ?? '';
  const chat = useMemo<Chat>(
    () => ({
      say: (key, args) => sayOnPage(translations, key, args),
      post: connection.post,
      dispatch: store.dispatch,
      directory,
    }),
    [translations, directory, connection, store],
  );
  useFocusAfterCard(view?.permissions[0]?.id);
  // Until the first state nothing is known; a flash of an empty chat would be a lie.
  if (state.sync === 'connecting') return <Starting />;
  return (
    <ChatContext.Provider value={chat}>
      <SessionBar session={view?.session ?? null} sessions={state.sessions} found={state.found} />
      <Warnings state={state} chat={chat} />
      <main>
        <Boundary version={state}>
          <Conversation state={state} connection={connection} />
        </Boundary>
        {view?.session.revert ? <RevertBar view={view} draft={state.draft.text} /> : null}
        {location === null ? null : <PromptArea state={state} />}
      </main>
    </ChatContext.Provider>
  );
}

/** Seen only when the host takes long: the style sheet holds it back for half a second. */
function Starting() {
  return (
    <p class="starting">
      <Icon name="loading" />
      {sayOnPage({}, 'chat.starting')}
    </p>
  );
}

function Warnings({ state, chat }: { readonly state: ChatState; readonly chat: Chat }) {
  const manage = (
    <QuietButton look="link" onClick={() => chat.post({ type: 'trust.manage' })}>
      {chat.say('trust.manage')}
    </QuietButton>
  );
  return (
    <>
      {state.trusted ? null : (
        <Banner level="info" icon="shield" action={manage}>
          {chat.say('trust.banner')}
        </Banner>
      )}
      <NoticeBar notices={state.notices} dismissed={state.dismissed} />
    </>
  );
}

function Conversation({ state, connection }: { readonly state: ChatState; readonly connection: Connection }) {
  const { view } = state;
  const sending = sendingHere(state);
  const isEmpty =
    sending.length === 0 &&
    (view === null || view.messages.length + view.inbox.length + view.permissions.length === 0);
  if (isEmpty) return <Empty location={state.location} hasModel={state.choices.model !== null} />;
  return (
    <Transcript
      view={view}
      sending={sending}
      editing={state.editing}
      hasOlder={state.hasOlder}
      loadingOlder={state.loadingOlder}
      connection={connection}
    />
  );
}

function PromptArea({ state }: { readonly state: ChatState }) {
  const { view } = state;
  return (
    <Composer
      draft={state.draft}
      choices={state.choices}
      sessionID={view?.session.id ?? null}
      busy={view?.status.type === 'busy'}
      held={view === null && state.sending.length > 0}
      refusal={state.refusal}
      focusRequests={state.focusRequests}
      lastPrompt={lastPrompt(state)}
      tokens={view ? contextFill(standing(view)) : undefined}
      session={view?.session ?? null}
    />
  );
}

function lastPrompt({ view }: ChatState): string {
  const written = view && standing(view).findLast(({ info }) => info.role === 'user' && !info.synthetic);
  return written ? textOf(written) : '';
}

/** A card that had the focus takes it away with it when it goes: the next card gets it, else the prompt box. */
function useFocusAfterCard(requestID: string | undefined): void {
  const inside = useRef(false);
  useEffect(() => {
    const note = (event: FocusEvent) => {
      inside.current = event.target instanceof Element && event.target.closest(card) !== null;
    };
    document.addEventListener('focusin', note);
    return () => document.removeEventListener('focusin', note);
  }, []);
  // Looks at the focus whenever the request changes.
  useEffect(() => {
    if (!inside.current || document.activeElement !== document.body) return;
    document.querySelector<HTMLElement>(`${card}, #prompt`)?.focus();
  }, [requestID]);
}

const card = '[role="alertdialog"]';
