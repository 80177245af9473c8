import type { ChatView } from '../chat/chat-view.ts';

/** Begins a new session in the chat and puts the cursor into the prompt box. */
export async function newSession(chat: ChatView): Promise<void> {
  await chat.show();
  await chat.newSession();
}
