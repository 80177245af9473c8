import type { ChatView } from '../chat/chat-view.ts';
import { askTitle } from '../chat/session-dialogs.ts';

/** Asks for a new title of the shown session. */
export async function renameSession(chat: ChatView): Promise<void> {
  await chat.withShown(async ({ id: sessionID, title: before }) => {
    const title = await askTitle(before);
    return title === undefined ? undefined : { type: 'session.rename', sessionID, title };
  });
}
