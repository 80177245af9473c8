import * as vscode from 'vscode';
import type { Account, Accounts, Host } from '#host/host.ts';
import { words } from '#shared/words.ts';
import { accountsHere, accountWords } from '../accounts/choose-account.ts';
import type { ChatView } from '../chat/chat-view.ts';

interface Kept extends vscode.QuickPickItem {
  /** @returns what to tell the user */
  readonly forget: () => Promise<string>;
}

/** Forgets a key, a sign-in or a consent; a sign-in is taken back at the provider where that can be done. */
export async function signOut(chat: ChatView, load: () => Promise<Host>): Promise<void> {
  const { accounts } = await load();
  const all = await accountsHere(accounts);
  const kept = all.filter(({ state }) => state.type === 'signed-in' || state.type === 'signed-out');
  const items = [...kept.map((account) => accountItem(account, accounts)), ...consentItems(accounts)];
  if (items.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t(words['account.none']));
    return;
  }
  const placeHolder = vscode.l10n.t(words['account.sign-out.where']);
  const options = { placeHolder, matchOnDescription: true, ignoreFocusOut: true };
  const chosen = await vscode.window.showQuickPick(items, options);
  if (!chosen) return;
  const text = await chosen.forget();
  chat.refresh();
  void vscode.window.showInformationMessage(text);
}

function accountItem(account: Account, accounts: Accounts): Kept {
  return {
    label: account.name,
    description: accountWords(account),
    async forget() {
      const revoked = await accounts.signOut(account.id, new AbortController().signal);
      const isKept = revoked.type === 'failed';
      const text = isKept ? words['account.signed-out.kept'] : words['account.signed-out'];
      return vscode.l10n.t(text, account.name);
    },
  };
}

function consentItems(accounts: Accounts): readonly Kept[] {
  return accounts.agreed().map((endpoint) => {
    const { providerID, baseURL } = endpoint;
    return {
      label: vscode.l10n.t(words['consent.list'], baseURL, providerID),
      async forget() {
        await accounts.revoke(endpoint);
        return vscode.l10n.t(words['consent.revoked'], providerID, baseURL);
      },
    };
  });
}
