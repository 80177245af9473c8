import type { ChatView } from '../chat/chat-view.ts';

/** Writes the shown session into a file that the user names. */
export async function exportSession(chat: ChatView): Promise<void> {
  await chat.withShown(({ id: sessionID }) => ({ type: 'session.export', sessionID }));
}
