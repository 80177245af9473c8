import type { ChatView } from '../chat/chat-view.ts';

/** Takes the shown session out of the list; from there it can be brought back. */
export async function archiveSession(chat: ChatView): Promise<void> {
  await chat.withShown(({ id: sessionID }) => ({ type: 'session.archive', sessionID, archived: true }));
}
