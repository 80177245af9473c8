import type { ChatView } from '../chat/chat-view.ts';

/** Opens the chat, if need be, and puts the cursor into the prompt box. */
export async function focusChat(chat: ChatView): Promise<void> {
  await chat.show();
}
