import * as vscode from 'vscode';
import type { Host } from '#host/host.ts';
import type { ViewEvent } from '#shared/events.ts';
import { HostError, hasCode } from '#shared/host-error.ts';
import type { SessionID } from '#shared/ids.ts';
import type { Notice } from '#shared/notice.ts';
import type { FromWebview, ToWebview } from '#shared/protocol.ts';
import type { MessageWithParts, Session } from '#shared/session.ts';
import { sessionOf } from '#shared/session-of.ts';
import { words } from '#shared/words.ts';
import { askConsent } from '../accounts/consent.ts';
import type { HostLoader } from '../host-loader.ts';
import { type ChatState, chatState, choicesFor, failedState } from './chat-state.ts';
import { ChoiceMemory } from './choice-memory.ts';
import type { Folder } from './choose-folder.ts';
import { type ChatChoices, changeChoices, chooseModel } from './choose-model.ts';
import { currentFolder, openFolder } from './current-folder.ts';
import { faultNotice } from './fault-notice.ts';
import { MessagePump } from './message-pump.ts';
import { handleOutside } from './outside-messages.ts';
import { createSessionDialogs } from './session-dialogs.ts';
import { createSessionMessages, isSessionMessage } from './session-messages.ts';
import { ShownSession, windowSize } from './shown-session.ts';
import type { TraceDocuments } from './trace-document.ts';

export interface ChatControllerOptions {
  readonly context: vscode.ExtensionContext;
  readonly host: HostLoader;
  readonly output: vscode.LogOutputChannel;
  readonly traces: TraceDocuments;
  readonly post: (message: ToWebview) => void;
}

/** What is to be done with a session, as the page would say it; undefined: nothing. */
export type MakeMessage = (
  session: Session,
  messages: readonly MessageWithParts[],
) => FromWebview | undefined | Promise<FromWebview | undefined>;

type Message<T extends FromWebview['type']> = Extract<FromWebview, { type: T }>;

const frameMs = 16;

/** One chat: which session it shows, and the traffic between its page and the host. The page may come and go. */
export class ChatController implements Disposable {
  readonly #options: ChatControllerOptions;
  readonly #pump: MessagePump;
  readonly #memory: ChoiceMemory;
  readonly #shown: ShownSession;
  readonly #handleSession: ReturnType<typeof createSessionMessages>;
  #host: Host | undefined;
  #hostEvents: Disposable | undefined;
  #catalogChanges: Disposable | undefined;
  #pageReady = false;
  #wantsFocus = false;
  /** The folder that the page shows: a new session is tied to it, whatever editor is active by then. */
  #posted: Folder | undefined;

  constructor(options: ChatControllerOptions) {
    this.#options = options;
    this.#memory = new ChoiceMemory(options.context.workspaceState);
    this.#shown = new ShownSession((event) => this.#pump.push(event));
    this.#pump = new MessagePump({
      post: options.post,
      resync: () => this.#inBackground(this.#sendState()),
      nextFrame: (flush) => {
        const timer = setTimeout(flush, frameMs);
        return { [Symbol.dispose]: () => clearTimeout(timer) };
      },
    });
    this.#handleSession = createSessionMessages({
      dialogs: createSessionDialogs(() => this.#directory()),
      page: {
        post: options.post,
        show: async (id) => this.#show(id, await this.#ensureHost()),
        raise: (notice) => this.#pump.push({ type: 'notice.raised', properties: { notice } }),
        requireFolder: async (id) => {
          const session = await (await this.#ensureHost()).sessions.get(id);
          if (session) this.#ownFolder(session);
        },
        isBusy: () => this.#shown.view?.status.type === 'busy',
        messages: () => this.#shown.view?.messages ?? [],
      },
    });
  }

  /** Handles one message of the page; it is decoded first, for a page is not trusted. */
  async receive(raw: unknown): Promise<void> {
    const host = await this.#ensureHost();
    const message = host.decodeFromWebview(raw);
    await this.#guarded(message.type, () => this.#handle(message, host));
  }

  /** Does something with the session that the chat shows: `make` says what, as the page would, or nothing. */
  async withShown(make: MakeMessage): Promise<void> {
    const { view } = this.#shown;
    if (!view) {
      void vscode.window.showInformationMessage(vscode.l10n.t(words['session.none.shown']));
      return;
    }
    const message = await make(view.session, view.messages);
    if (message)
      await this.#guarded(message.type, async () => this.#handle(message, await this.#ensureHost()));
  }

  /** Makes a session out of the content of a file, tied to the folder of the chat, and shows it. */
  async importSession(content: unknown): Promise<void> {
    await this.#guarded('import', async () => {
      const host = await this.#ensureHost();
      const directory = this.#folder()?.directory ?? this.#newFolder();
      const { id } = await host.sessions.import(content, { directory });
      await this.#show(id, host);
    });
  }

  async chooseModel(): Promise<void> {
    await this.#guarded('choice of a model', async () =>
      chooseModel(this.#choices(await this.#ensureHost())),
    );
  }

  async newSession(): Promise<void> {
    await this.#show(null, await this.#ensureHost());
  }

  async stop(): Promise<void> {
    const id = this.#shown.view?.session.id;
    if (id) await this.#host?.sessions.interrupt(id);
  }

  focusPrompt(): void {
    if (this.#pageReady) this.#options.post({ type: 'focus' });
    else this.#wantsFocus = true;
  }

  /** Sends the state again where configuration or trust may have changed. */
  refresh(): void {
    if (this.#pageReady && this.#host) this.#inBackground(this.#sendState());
  }

  /** A chat without a session shows the folder that the next one will be tied to. */
  followEditor(): void {
    if (!this.#shown.view && currentFolder()?.directory !== this.#posted?.directory) this.refresh();
  }

  /** The view was hidden or closed: its page is gone, what it showed is kept. */
  pageGone(): void {
    this.#pageReady = false;
    this.#pump.stop();
  }

  /** Tells the page what made the host unusable, where it can be told. */
  showFault(error: unknown): void {
    if (this.#host) return;
    const text = error instanceof Error ? error.message : String(error);
    const notice = { key: 'host', level: 'error', code: 'host.failed', data: { '0': text } } as const;
    this.#post(failedState(this.#folder(), notice));
  }

  [Symbol.dispose](): void {
    this.#hostEvents?.[Symbol.dispose]();
    this.#catalogChanges?.[Symbol.dispose]();
    this.#shown[Symbol.dispose]();
    this.#pump[Symbol.dispose]();
  }

  async #ensureHost(): Promise<Host> {
    const host = await this.#options.host.load();
    if (this.#host === host) return host;
    this.#host = host;
    this.#hostEvents?.[Symbol.dispose]();
    this.#hostEvents = host.subscribe((event) => this.#onHostEvent(event));
    this.#catalogChanges?.[Symbol.dispose]();
    this.#catalogChanges = host.onCatalogChange(() => this.#inBackground(this.#sendChoices(host)));
    return host;
  }

  /** Events of the shown session come by its watch; here those of the host and the headers of other sessions. */
  #onHostEvent(event: ViewEvent): void {
    const id = sessionOf(event);
    if (id === undefined) this.#pump.push(event);
    else if (id !== this.#shown.view?.session.id) {
      if (isHeader(event)) this.#pump.push(event);
    } else if (event.type === 'session.deleted') this.#inBackground(this.newSession());
  }

  /** A failure is told in the chat; where no page is there to tell it, to who asked. */
  async #guarded(what: string, work: () => Promise<void> | void): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.output.error(`The chat's ${what} failed`, error);
      if (!this.#pageReady) throw error;
      await this.#tell(faultNotice(error));
    }
  }

  #handle(message: FromWebview, host: Host): Promise<void> | void {
    switch (message.type) {
      case 'ready':
        return this.#ready(host);
      case 'ack':
        return this.#pump.acknowledge(message.seq);
      case 'resync':
        return this.#sendState();
      case 'prompt.submit':
        return this.#submit(message, host);
      case 'run.stop':
        return host.sessions.interrupt(message.sessionID);
      case 'run.continue':
        return this.#goOn(message.sessionID, host);
      case 'permission.reply':
        return this.#reply(message, host);
      case 'session.new':
        return this.#show(null, host);
      case 'session.open':
        return this.#show(message.sessionID, host);
      case 'older.load':
        return this.#sendOlder(message, host);
      case 'choices.change':
        return changeChoices(message, this.#choices(host));
      case 'model.choose':
        return chooseModel(this.#choices(host));
      case 'endpoint.consent':
        return this.#askConsent(message, host);
      default:
        if (isSessionMessage(message)) return this.#handleSession(message, host);
        return handleOutside(message, { ...this.#options, host, directory: () => this.#directory() });
    }
  }

  async #ready(host: Host): Promise<void> {
    this.#pageReady = true;
    if (!this.#shown.view) await this.#restore(host);
    await this.#sendState();
    if (this.#wantsFocus) this.#options.post({ type: 'focus' });
    this.#wantsFocus = false;
  }

  /** The session that stood here before the reload; after a crash the editor may have forgotten it: the newest then. */
  async #restore(host: Host): Promise<void> {
    const { sessionID } = this.#memory.read();
    if (sessionID === null) return;
    const sessions = await host.sessions.list();
    const newest = sessions.find(({ parentID, time }) => !parentID && !time.archived);
    const known = sessions.find(({ id }) => id === sessionID) ?? newest;
    if (known) await this.#shown.open(known.id, host);
  }

  async #show(id: SessionID | null, host: Host): Promise<void> {
    if (!(await this.#shown.open(id, host))) return;
    await this.#memory.write({ sessionID: id });
    await this.#sendState();
  }

  async #submit(message: Message<'prompt.submit'>, host: Host): Promise<void> {
    const { messageID, sessionID, text, delivery, agent, model } = message;
    let sent: SessionID;
    try {
      const session = sessionID ? await host.sessions.get(sessionID) : undefined;
      const prompt = await host.sessions.prompt({
        ...(sessionID ? { sessionID } : {}),
        directory: session ? this.#ownFolder(session) : this.#newFolder(),
        messageID,
        text,
        delivery,
        agent,
        model: model ?? { providerID: '', modelID: '' },
      });
      sent = prompt.sessionID;
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      this.#options.output.warn(`A prompt was refused: ${error.code}`);
      this.#options.post({ type: 'prompt.refused', messageID, code: error.code, detail: error.message });
      return;
    }
    if (this.#shown.view?.session.id !== sent) await this.#show(sent, host);
    if (this.#shown.view?.session.id !== sent) this.#options.post({ type: 'prompt.admitted', messageID });
  }

  /** A session that began without any model goes on with the one that is chosen now. */
  async #goOn(id: SessionID, host: Host): Promise<void> {
    const session = await host.sessions.get(id);
    const folder = session && openFolder(this.#ownFolder(session));
    if (folder && !session.model?.modelID) {
      const { agent, model } = await choicesFor(folder, this.#choices(host));
      if (model) await host.sessions.switchTo(id, { agent, model });
    }
    host.sessions.goOn(id);
  }

  async #reply({ sessionID, id, reply }: Message<'permission.reply'>, host: Host): Promise<void> {
    // To say no is always possible; a yes would let the model work on a folder that the user has closed.
    const session = reply.type === 'reject' ? undefined : await host.sessions.get(sessionID);
    if (session) this.#ownFolder(session);
    try {
      await host.sessions.reply(id, reply);
    } catch (error) {
      // Answered elsewhere, or its call is gone: the page is only behind.
      if (!hasCode(error, 'permission.unknown')) throw error;
      await this.#sendState();
    }
  }

  /** The session goes on once its key may go where the project says. */
  async #askConsent({ sessionID }: Message<'endpoint.consent'>, host: Host): Promise<void> {
    const session = await host.sessions.get(sessionID);
    if (!session?.model) return;
    const directory = this.#ownFolder(session);
    const isAllowed = await askConsent({ accounts: host.accounts, directory, model: session.model });
    if (isAllowed) await this.#goOn(sessionID, host);
  }

  /** Models came or went: the pickers show it, and nothing else of the page is touched. */
  async #sendChoices(host: Host): Promise<void> {
    const folder = this.#folder();
    if (!folder || !this.#pageReady) return;
    const choices = await choicesFor(folder, this.#choices(host));
    if (this.#pageReady) this.#options.post({ type: 'choices', choices });
  }

  async #sendOlder({ sessionID, before }: Message<'older.load'>, host: Host): Promise<void> {
    const older = await host.sessions.older(sessionID, { before, limit: windowSize });
    this.#options.post({ type: 'older', sessionID, ...older });
  }

  async #sendState(): Promise<void> {
    const host = await this.#ensureHost();
    const state = await chatState({ host, folder: this.#folder(), shown: this.#shown, memory: this.#memory });
    const isShown = state.window !== null;
    void vscode.commands.executeCommand('setContext', 'millrace.sessionShown', isShown);
    // A page that went meanwhile asks anew when it comes back.
    if (this.#pageReady) this.#post(state);
  }

  /** From here on the page folds events over exactly this state; the shown view is read again at the last moment. */
  #post(state: Omit<ChatState, 'seq'>): void {
    const { view } = this.#shown;
    const window = view ? { ...view, messages: view.messages.slice(-windowSize) } : null;
    this.#posted = state.location ?? undefined;
    this.#options.post({ ...state, window, seq: this.#pump.begin() });
  }

  /** The state as it is, and on top what went wrong: the page may have shown ahead what did not come. */
  async #tell(notice: Notice): Promise<void> {
    await this.#sendState();
    this.#pump.push({ type: 'notice.raised', properties: { notice } });
  }

  /** What the page shows: a session stays with its folder; a new one gets the folder of the active editor. */
  #folder(): Folder | undefined {
    const session = this.#shown.view?.session;
    return (session && openFolder(session.directory)) ?? currentFolder();
  }

  /** The folder of a session, for work on it. @throws HostError `location.none` where this window has it not open */
  #ownFolder({ directory }: Session): string {
    if (openFolder(directory)) return directory;
    const text = vscode.l10n.t(words['notice.location.none'], directory);
    throw new HostError('location.none', text, { data: { '0': directory } });
  }

  /** @throws HostError `location.none` where the page shows no folder, or one that was closed meanwhile */
  #newFolder(): string {
    const folder = this.#posted && openFolder(this.#posted.directory);
    if (folder) return folder.directory;
    throw new HostError('location.none', 'No folder is open: open one, then send the prompt again.');
  }

  #directory(): string {
    return this.#shown.view?.session.directory ?? this.#newFolder();
  }

  #choices(host: Host): ChatChoices {
    const { post } = this.#options;
    return { host, post, folder: this.#folder(), shown: this.#shown, memory: this.#memory };
  }

  #inBackground(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      this.#options.output.error('The chat could not be brought up to date', error);
      this.showFault(error);
    });
  }
}

function isHeader(event: ViewEvent): boolean {
  return headers.has(event.type);
}

const headers: ReadonlySet<string> = new Set<ViewEvent['type']>([
  'session.created',
  'session.updated',
  'session.deleted',
  'session.status',
  'permission.asked',
]);
