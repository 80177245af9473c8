import * as vscode from 'vscode';
import type { Accounts } from '#host/host.ts';
import type { ModelRef } from '#shared/message.ts';
import { words } from '#shared/words.ts';

interface Asked {
  readonly accounts: Accounts;
  readonly directory: string;
  readonly model: ModelRef;
}

/**
 * Asks whether the user's own credential may go where the folder's configuration says, which is shown whole.
 * @returns whether the model can be asked now
 */
export async function askConsent({ accounts, directory, model }: Asked): Promise<boolean> {
  const endpoint = await accounts.withheld(directory, model);
  if (!endpoint) {
    void vscode.window.showInformationMessage(vscode.l10n.t(words['consent.gone']));
    return false;
  }
  const { providerID, baseURL, headers } = endpoint;
  const question = vscode.l10n.t(words['consent.ask'], providerID, baseURL);
  const named = headers.length > 0 ? vscode.l10n.t(words['consent.headers'], headers.join(', ')) : '';
  const detail = [vscode.l10n.t(words['consent.detail']), named].filter((part) => part !== '').join('\n\n');
  // The first has the focus, unless it is the one that closes: the key does not go by a stray Enter.
  const no = { title: vscode.l10n.t(words['consent.no']) };
  const yes = { title: vscode.l10n.t(words['consent.yes']) };
  const answer = await vscode.window.showWarningMessage(question, { modal: true, detail }, no, yes);
  if (answer !== yes) return false;
  // Exactly what was shown: the file may have changed meanwhile.
  await accounts.agree(endpoint);
  return true;
}
