import type { ChatView } from '../chat/chat-view.ts';

/** Deletes the shown session for good, once the user has confirmed it. */
export async function deleteSession(chat: ChatView): Promise<void> {
  await chat.withShown(({ id: sessionID }) => ({ type: 'session.delete', sessionID }));
}
