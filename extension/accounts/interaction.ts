import * as vscode from 'vscode';
import type { Interaction, SignInPage } from '#host/host.ts';
import { words } from '#shared/words.ts';

type Progress = vscode.Progress<{ readonly message?: string }>;

/** Talks with the user in the editor's own dialogs: what is typed there reaches neither the chat nor a log. */
export function editorInteraction(title: string, progress: Progress): Interaction {
  return {
    show: (page) => progress.report({ message: pageWords(page) }),
    async ask({ text, secret, example, link }, signal) {
      using gone = cancellation(signal);
      const prompt = link === undefined ? text : `${text} (${link})`;
      const answer = await vscode.window.showInputBox(
        {
          ...{ title, prompt, password: secret, ignoreFocusOut: true },
          ...(example === undefined ? {} : { placeHolder: example }),
        },
        gone.token,
      );
      signal.throwIfAborted();
      return answer;
    },
  };
}

function pageWords({ address, code, opened }: SignInPage): string {
  if (code !== undefined) return vscode.l10n.t(words['account.page.code'], code, address);
  return opened
    ? vscode.l10n.t(words['account.page.opened'])
    : vscode.l10n.t(words['account.page.open'], address);
}

function cancellation(signal: AbortSignal): { readonly token: vscode.CancellationToken } & Disposable {
  const source = new vscode.CancellationTokenSource();
  const cancel = (): void => source.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  return {
    token: source.token,
    [Symbol.dispose]() {
      signal.removeEventListener('abort', cancel);
      source.dispose();
    },
  };
}
