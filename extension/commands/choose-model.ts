import type { ChatView } from '../chat/chat-view.ts';

/** Asks for the model of the next prompt, and shows the chat that it is for. */
export async function chooseModel(chat: ChatView): Promise<void> {
  await chat.chooseModel();
}
