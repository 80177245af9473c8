import * as vscode from 'vscode';
import type { Account, Host } from '#host/host.ts';
import { HostError } from '#shared/host-error.ts';
import { words } from '#shared/words.ts';
import { accountsHere, chooseAccount } from '../accounts/choose-account.ts';
import { editorInteraction } from '../accounts/interaction.ts';
import type { ChatView } from '../chat/chat-view.ts';

/**
 * Asks at which provider, unless it is named, and how; signs in there, and shows the models that this brings.
 * @returns whether the user is signed in
 */
export async function signIn(
  chat: ChatView,
  load: () => Promise<Host>,
  providerID?: string,
): Promise<boolean> {
  const { accounts } = await load();
  const all = await accountsHere(accounts);
  // An error of a conversation tells the provider by the name that it shows.
  const named = all.find(({ id, name }) => id === providerID || name === providerID);
  const account = named ?? (await chooseAccount(all, words['account.sign-in.where']));
  const method = account && (await chooseMethod(account));
  if (!account || method === undefined) return false;
  const title = vscode.l10n.t(words['account.sign-in.title'], account.name);
  const location = vscode.ProgressLocation.Notification;
  const isIn = await vscode.window.withProgress(
    { title, location, cancellable: true },
    async (progress, token) => {
      const stop = new AbortController();
      token.onCancellationRequested(() => stop.abort());
      const how = { signal: stop.signal, interaction: editorInteraction(title, progress) };
      return tellingProblems(() => accounts.signIn(account.id, method, how), stop.signal);
    },
  );
  if (!isIn) return false;
  chat.refresh();
  // Said and not waited for: the user closes it some time.
  void vscode.window.showInformationMessage(vscode.l10n.t(words['account.signed-in'], account.name));
  return true;
}

/** @returns whether the work was done; a user who gave up is told nothing. */
async function tellingProblems(work: () => Promise<unknown>, signal: AbortSignal): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (signal.aborted && error === signal.reason) return false;
    if (!(error instanceof HostError)) throw error;
    if (error.code !== 'credential.cancelled') void vscode.window.showErrorMessage(error.message);
    return false;
  }
}

async function chooseMethod({ methods, name }: Account): Promise<string | undefined> {
  const [first, second] = methods;
  if (!second) return first?.method;
  const unverified = vscode.l10n.t(words['account.unverified']);
  const items = methods.map(({ method, name: label, remark, verified }) => ({
    method,
    label,
    detail: [remark, verified ? undefined : unverified].filter((part) => part !== undefined).join(' '),
  }));
  const title = vscode.l10n.t(words['account.sign-in.title'], name);
  return (await vscode.window.showQuickPick(items, { title, ignoreFocusOut: true }))?.method;
}
