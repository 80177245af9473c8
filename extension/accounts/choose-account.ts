import * as vscode from 'vscode';
import type { Account, Accounts } from '#host/host.ts';
import { words } from '#shared/words.ts';
import { currentFolder } from '../chat/current-folder.ts';

/** Every provider that the folder of the window knows; none in a window without a folder. */
export async function accountsHere(accounts: Accounts): Promise<readonly Account[]> {
  const directory = currentFolder()?.directory;
  return directory === undefined ? [] : accounts.all(directory);
}

/** Asks which of many providers is meant: found by name or id, with what is kept for each. */
export async function chooseAccount(
  accounts: readonly Account[],
  placeHolder: string,
): Promise<Account | undefined> {
  const items = accounts.map((account) => ({
    account,
    label: account.name,
    description: accountWords(account),
  }));
  const options = { placeHolder: vscode.l10n.t(placeHolder), matchOnDescription: true, ignoreFocusOut: true };
  return (await vscode.window.showQuickPick(items, options))?.account;
}

/** What tells a provider from others of its name, and what is kept for it. */
export function accountWords(account: Account): string {
  return [account.id, stateWords(account)].filter((part) => part !== '').join(' · ');
}

function stateWords({ state }: Account): string {
  switch (state.type) {
    case 'none':
      return '';
    case 'environment':
      return state.variable;
    case 'signed-in':
      return state.account ?? vscode.l10n.t(words['account.state.in']);
    case 'signed-out':
      return state.problem.text;
  }
}
