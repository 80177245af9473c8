import type { ChatView } from '../chat/chat-view.ts';

/** Begins a new session with the whole history of the shown one, and shows it. */
export async function forkSession(chat: ChatView): Promise<void> {
  await chat.show();
  await chat.withShown(({ id: sessionID }) => ({ type: 'session.fork', sessionID, messageID: null }));
}
