import * as vscode from 'vscode';
import type { HostLoader } from '../host-loader.ts';
import { ChatController, type MakeMessage } from './chat-controller.ts';
import { chatHtml } from './chat-html.ts';
import { TraceDocuments } from './trace-document.ts';

export interface ChatViewOptions {
  readonly context: vscode.ExtensionContext;
  readonly host: HostLoader;
  readonly output: vscode.LogOutputChannel;
}

/** The chat in the sidebar: a page, and a controller that outlives the page when the view is hidden. */
export class ChatView implements vscode.WebviewViewProvider, vscode.Disposable {
  readonly #options: ChatViewOptions;
  readonly #controller: ChatController;
  readonly #traces = new TraceDocuments();
  #view: vscode.WebviewView | undefined;

  constructor(options: ChatViewOptions) {
    this.#options = options;
    this.#controller = new ChatController({
      ...options,
      traces: this.#traces,
      post: (message) => {
        // A view that was closed meanwhile takes no messages; it asks for the state when it comes back.
        void this.#view?.webview.postMessage(message);
      },
    });
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    const { context, output } = this.#options;
    const { webview } = view;
    webview.options = {
      enableScripts: true,
      enableForms: false,
      localResourceRoots: [vscode.Uri.joinPath(context.extensionUri, 'dist', 'webview')],
    };
    this.#view = view;
    const received = webview.onDidReceiveMessage((message: unknown) => {
      this.#controller.receive(message).catch((error: unknown) => {
        output.error('A message of the chat could not be handled', error);
        this.#controller.showFault(error);
      });
    });
    // The page of a hidden view is thrown away: it says that it is ready when it comes back.
    const hidden = view.onDidChangeVisibility(() => {
      if (!view.visible) this.#controller.pageGone();
    });
    view.onDidDispose(() => {
      received.dispose();
      hidden.dispose();
      this.#view = undefined;
      this.#controller.pageGone();
    });
    webview.html = chatHtml(webview, context.extensionUri);
  }

  /** Shows the chat and puts the cursor into the prompt box: a user's gesture asked for it. */
  async show(): Promise<void> {
    await vscode.commands.executeCommand('millrace.chat.focus');
    this.#controller.focusPrompt();
  }

  /** Shows what the configuration and the trust of the folder now say. */
  refresh(): void {
    this.#controller.refresh();
  }

  /** The active editor changed: a chat without a session shows the folder that the next one will be tied to. */
  followEditor(): void {
    this.#controller.followEditor();
  }

  newSession(): Promise<void> {
    return this.#controller.newSession();
  }

  /** Asks for the model of the next prompt. */
  chooseModel(): Promise<void> {
    return this.#controller.chooseModel();
  }

  stop(): Promise<void> {
    return this.#controller.stop();
  }

  /** Does something with the session that the chat shows: `make` says what, as the page would, or nothing. */
  withShown(make: MakeMessage): Promise<void> {
    return this.#controller.withShown(make);
  }

  /** Makes a session out of the content of a file, and shows it. */
  importSession(content: unknown): Promise<void> {
    return this.#controller.importSession(content);
  }

  dispose(): void {
    this.#controller[Symbol.dispose]();
    this.#traces.dispose();
  }
}
