import type { ChatView } from '../chat/chat-view.ts';
import { openSessionFile } from '../chat/session-dialogs.ts';

/** Makes a session out of a file that the user chooses, and shows it. */
export async function importSession(chat: ChatView): Promise<void> {
  const file = await openSessionFile();
  if (!file) return;
  await chat.show();
  await chat.importSession(file.content);
}
