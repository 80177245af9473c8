import { editor } from '../llm/providers/editor.ts';
import type { LanguageModel, LanguageModels } from '../ports/language-models.ts';
import type { Log } from '../ports/log.ts';
import type { Adapter } from './adapters.ts';
import type { FoundModels, FoundProvider, FoundSource } from './found-models.ts';
import type { DevModel } from './models-dev.ts';

/** The provider under which the editor's models stand, and whose names are reserved by it. */
export const editorProvider = 'vscode';

/** Models that Millrace itself may offer to the editor: asking them would be to ask oneself. */
const ownVendor = 'millrace';

export interface EditorSourceOptions {
  readonly languageModels: LanguageModels;
  readonly log: Log;
}

/**
 * The editor's own models as a provider, `vscode/VENDOR/MODEL`. They are listed in the background from now on, and anew
 * whenever the editor says that they changed. What comes after disposing is passed over.
 */
export function openEditorSource(options: EditorSourceOptions): FoundSource & Disposable {
  const source = new EditorSource(options);
  source.start();
  return source;
}

class EditorSource implements FoundSource, Disposable {
  readonly #options: EditorSourceOptions;
  readonly #adapter: Adapter;
  readonly #listeners = new Set<() => void>();
  #changes: Disposable | undefined;
  #isStale = false;
  #isClosed = false;
  #isListing = false;
  #shown = '';
  latest: FoundModels;

  constructor(options: EditorSourceOptions) {
    this.#options = options;
    const route = editor(options.languageModels);
    this.#adapter = { route: () => ({ type: 'route', route }), isForAll: true };
    this.latest = notYetListed(this.#adapter);
  }

  start(): void {
    this.#changes = this.#options.languageModels.onDidChange(() => this.#renew());
    this.#renew();
  }

  onChange(listener: () => void): Disposable {
    const own = () => listener();
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#changes?.[Symbol.dispose]();
    this.#listeners.clear();
  }

  /** One question at a time: a change that comes while one is under way asks once more. */
  #renew(): void {
    this.#isStale = true;
    if (!this.#isListing) void this.#list();
  }

  async #list(): Promise<void> {
    this.#isListing = true;
    while (this.#isStale && !this.#isClosed) {
      this.#isStale = false;
      await this.#take();
    }
    this.#isListing = false;
  }

  async #take(): Promise<void> {
    const { languageModels, log } = this.#options;
    try {
      const models = await languageModels.list();
      if (!this.#isClosed) this.#show(models.filter(({ vendor }) => vendor !== ownVendor));
    } catch (error) {
      // Whatever an editor or an extension in it does: it must not reach a user who works with other models.
      if (!this.#isClosed) log.warn('The models of the editor could not be listed', { error: String(error) });
    }
  }

  #show(models: readonly LanguageModel[]): void {
    const shown = JSON.stringify(models);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.latest = listed(models, this.#adapter);
    for (const listener of [...this.#listeners]) listener();
  }
}

const described = { id: editorProvider, name: 'Your editor', npm: editorProvider, env: [] };

/** Until the editor has answered, whoever chose a model of it before is believed: a request tells whether it is there. */
function notYetListed(adapter: Adapter): FoundModels {
  const unlisted = (id: string): DevModel => ({ name: id, tool_call: true });
  return { providers: [{ ...described, models: new Map(), adapter, unlisted }], missing: () => undefined };
}

function listed(models: readonly LanguageModel[], adapter: Adapter): FoundModels {
  const isAlone = (model: LanguageModel) =>
    models.every((each) => each.name !== model.name || each.vendor === model.vendor);
  // Of several that are called alike the editor is asked for the first.
  const first = models.filter((model, index) => models.findIndex((each) => isSame(each, model)) === index);
  const entries = first.map((model) => [nameOf(model), describe(model, isAlone(model))] as const);
  const provider: FoundProvider = { ...described, models: new Map(entries), adapter };
  return {
    providers: [provider],
    missing: ({ providerID, modelID }) => (providerID === editorProvider ? gone(modelID) : undefined),
  };
}

function isSame(a: LanguageModel, b: LanguageModel): boolean {
  return a.vendor === b.vendor && a.id === b.id;
}

function nameOf({ vendor, id }: LanguageModel): string {
  return `${vendor}/${id}`;
}

function gone(id: string): string {
  return `The editor offers no model "${id}" here. The extension that brings it may be off or signed out: see to that, or choose another model.`;
}

function describe(model: LanguageModel, isAlone: boolean): DevModel {
  const { vendor, id, name, family, maxInputTokens, readsImages = false, callsTools = true } = model;
  const said = name || id;
  return {
    name: isAlone ? said : `${said} (${vendor})`,
    family,
    tool_call: callsTools,
    attachment: readsImages,
    modalities: { input: readsImages ? ['text', 'image'] : ['text'], output: ['text'] },
    ...limitOf(maxInputTokens),
  };
}

/** What an answer may have is not told. */
function limitOf(tokens: number): Pick<DevModel, 'limit'> {
  if (!Number.isFinite(tokens) || tokens < 1) return {};
  const input = Math.floor(tokens);
  return { limit: { context: input, input, output: 0 } };
}
