import * as vscode from 'vscode';
import type { AssistantMessage } from '#shared/message.ts';
import type { MessageWithParts } from '#shared/session.ts';
import { words } from '#shared/words.ts';
import type { ChatView } from '../chat/chat-view.ts';

/** Opens what a provider turn of the shown session sent, got and took; asks which where there are several. */
export async function showTrace(chat: ChatView): Promise<void> {
  await chat.withShown(async ({ id: sessionID }, messages) => {
    const turn = await chooseTurn(turnsOf(messages));
    return turn && { type: 'trace.show', sessionID, messageID: turn.id };
  });
}

/** Newest first. */
function turnsOf(messages: readonly MessageWithParts[]): readonly AssistantMessage[] {
  return messages.flatMap(({ info }) => (info.role === 'assistant' ? [info] : [])).toReversed();
}

async function chooseTurn(turns: readonly AssistantMessage[]): Promise<AssistantMessage | undefined> {
  if (turns.length < 2) return turns[0];
  const items = turns.map((turn) => ({ turn, label: timeOf(turn), description: factsOf(turn) }));
  const placeHolder = vscode.l10n.t(words['trace.which']);
  return (await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true }))?.turn;
}

function timeOf({ time }: AssistantMessage): string {
  return new Date(time.created).toLocaleTimeString();
}

function factsOf({ agent, modelID, finish, error }: AssistantMessage): string {
  return [agent, modelID, error?.data.code ?? finish].filter((fact) => fact !== undefined).join(' · ');
}
