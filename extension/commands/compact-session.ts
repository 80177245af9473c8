import type { ChatView } from '../chat/chat-view.ts';

/** Folds the conversation of the shown session into a summary; the chat shows how it goes. */
export async function compactSession(chat: ChatView): Promise<void> {
  await chat.show();
  await chat.withShown(({ id: sessionID }) => ({ type: 'session.compact', sessionID }));
}
