import type { ChatView } from '../chat/chat-view.ts';

/** Interrupts what the session in the chat is doing; nothing runs: nothing happens. */
export async function stop(chat: ChatView): Promise<void> {
  await chat.stop();
}
