import * as vscode from 'vscode';
import { words } from '#shared/words.ts';

const scheme = 'millrace-trace';

/** Shows turn traces in read-only documents, which ask nothing when they are closed. */
export class TraceDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #registered: vscode.Disposable;

  readonly onDidChange = this.#changed.event;

  constructor() {
    this.#registered = vscode.Disposable.from(
      this.#changed,
      vscode.workspace.registerTextDocumentContentProvider(scheme, this),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        if (uri.scheme === scheme) this.#texts.delete(uri.path);
      }),
    );
  }

  /** A tab that was left open over a restart of the editor has no text any more. */
  provideTextDocumentContent({ path }: vscode.Uri): string {
    return this.#texts.get(path) ?? vscode.l10n.t(words['trace.again']);
  }

  /** Opens a trace, or renews the one that is open: a running turn goes on. */
  async show(messageID: string, markdown: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme, path: `/${messageID}.md` });
    this.#texts.set(uri.path, markdown);
    this.#changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: true });
  }

  dispose(): void {
    this.#registered.dispose();
  }
}
