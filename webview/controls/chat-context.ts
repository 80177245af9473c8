import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { type PageWord, sayOnPage } from '#shared/page-words.ts';
import type { Post } from '../connection/post.ts';
import type { ChatAction } from '../store/state.ts';

/** What every component may use: words, the way to the host, the way to the state. */
export interface Chat {
  readonly say: (key: PageWord, args?: readonly (string | number)[]) => string;
  readonly post: Post;
  readonly dispatch: (action: ChatAction) => void;
  /** The session's folder, to shorten paths with; empty while none is open. */
  readonly directory: string;
}

const inEnglish: Chat = {
  say: (key, args) => sayOnPage({}, key, args),
  post: ignore,
  dispatch: ignore,
  directory: '',
};

export const ChatContext = createContext<Chat>(inEnglish);

export function useChat(): Chat {
  return useContext(ChatContext);
}

/** Outside of a chat there is nobody to tell. */
function ignore(): void {
  return;
}
