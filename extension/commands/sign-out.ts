import * as vscode from 'vscode';
import type { Host } from '#host/host.ts';
import { words } from '#shared/words.ts';
import { accountsHere, chooseAccount } from '../accounts/choose-account.ts';
import type { ChatView } from '../chat/chat-view.ts';

/** Forgets a key or a sign-in, and takes it back at the provider where that can be done. */
export async function signOut(chat: ChatView, load: () => Promise<Host>): Promise<void> {
  const { accounts } = await load();
  const kept = (await accountsHere(accounts)).filter(
    ({ state }) => state.type === 'signed-in' || state.type === 'signed-out',
  );
  if (kept.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t(words['account.none']));
    return;
  }
  const account = await chooseAccount(kept, words['account.sign-out.where']);
  if (!account) return;
  const revoked = await accounts.signOut(account.id, new AbortController().signal);
  chat.refresh();
  const text = revoked.type === 'failed' ? words['account.signed-out.kept'] : words['account.signed-out'];
  void vscode.window.showInformationMessage(vscode.l10n.t(text, account.name));
}
