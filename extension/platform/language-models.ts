import * as vscode from 'vscode';
import type {
  LanguageModel,
  LanguageModelCall,
  LanguageModelData,
  LanguageModelMessage,
  LanguageModelPart,
  LanguageModelRequest,
  LanguageModelResult,
  LanguageModels,
  LanguageModelText,
} from '#host/ports/language-models.ts';
import { words } from '#shared/words.ts';

/** The models that extensions give to the editor, by the editor's own API. */
export function createLanguageModels(): LanguageModels {
  const known = new Map<string, vscode.LanguageModelChat>();
  return {
    async list() {
      const models = await vscode.lm.selectChatModels();
      known.clear();
      // Of two under one name the first counts, as in the list.
      for (const model of models.toReversed()) known.set(nameOf(model), model);
      return models.map(described);
    },
    onDidChange(listener) {
      const subscription = vscode.lm.onDidChangeChatModels(() => listener());
      return { [Symbol.dispose]: () => void subscription.dispose() };
    },
    async *send(request, { signal }) {
      const source = new vscode.CancellationTokenSource();
      const cancel = () => source.cancel();
      signal.addEventListener('abort', cancel, { once: true });
      try {
        const model = known.get(nameOf(request)) ?? (await named(request));
        signal.throwIfAborted();
        const messages = request.messages.map(messageOf);
        const { stream } = await model.sendRequest(messages, optionsOf(request), source.token);
        for await (const part of stream) yield partOf(part);
      } finally {
        signal.removeEventListener('abort', cancel);
        // A reader that left has to be told to the vendor, too.
        source.cancel();
        source.dispose();
      }
    },
  };
}

function nameOf({ vendor, id }: { readonly vendor: string; readonly id: string }): string {
  return JSON.stringify([vendor, id]);
}

async function named({ vendor, id }: LanguageModelRequest): Promise<vscode.LanguageModelChat> {
  const [model] = await vscode.lm.selectChatModels({ vendor, id });
  if (!model) throw vscode.LanguageModelError.NotFound(`${vendor}/${id}`);
  return model;
}

/** What editors after the oldest one have that Millrace runs in. */
interface LaterEditor {
  readonly version: string;
  readonly LanguageModelDataPart?: new (data: Uint8Array, mimeType: string) => object;
  readonly LanguageModelThinkingPart?: new (value: string | string[]) => object;
}

interface LaterModel extends vscode.LanguageModelChat {
  readonly capabilities?: { readonly supportsImageToText?: boolean; readonly supportsToolCalling?: boolean };
}

const later: LaterEditor = vscode;

function described(model: LaterModel): LanguageModel {
  const { vendor, id, name, family, version, maxInputTokens, capabilities } = model;
  const told = { vendor, id, name, family, version, maxInputTokens };
  if (!capabilities) return told;
  const { supportsImageToText = false, supportsToolCalling = false } = capabilities;
  const readsImages = supportsImageToText && later.LanguageModelDataPart !== undefined;
  return { ...told, readsImages, callsTools: supportsToolCalling };
}

function optionsOf({ tools, modelOptions }: LanguageModelRequest): vscode.LanguageModelChatRequestOptions {
  return {
    justification: vscode.l10n.t(words['model.editor.justification']),
    modelOptions,
    ...(tools.length > 0 && { tools: [...tools] }),
  };
}

type Content = vscode.LanguageModelChatMessage['content'];

function messageOf({ role, content }: LanguageModelMessage): vscode.LanguageModelChatMessage {
  const { User, Assistant } = vscode.LanguageModelChatMessageRole;
  // Data is in the content of later editors only: the types are those of the oldest.
  const parts = content.map(contentOf) as Content;
  return new vscode.LanguageModelChatMessage(role === 'user' ? User : Assistant, parts);
}

function contentOf(
  part: LanguageModelText | LanguageModelData | LanguageModelCall | LanguageModelResult,
): object {
  switch (part.type) {
    case 'text':
      return new vscode.LanguageModelTextPart(part.value);
    case 'data':
      return dataOf(part);
    case 'tool-call':
      return new vscode.LanguageModelToolCallPart(part.callID, part.name, part.input);
    case 'tool-result':
      return new vscode.LanguageModelToolResultPart(part.callID, part.content.map(contentOf));
  }
}

function dataOf({ mime, data }: LanguageModelData): object {
  const { LanguageModelDataPart: DataPart } = later;
  if (DataPart) return new DataPart(Buffer.from(data, 'base64'), mime);
  return new vscode.LanguageModelTextPart(`[${mime}, which this editor cannot show to a model]`);
}

function partOf(part: unknown): LanguageModelPart {
  if (part instanceof vscode.LanguageModelTextPart) return { type: 'text', value: part.value };
  if (part instanceof vscode.LanguageModelToolCallPart)
    return { type: 'tool-call', callID: part.callId, name: part.name, input: part.input };
  const { LanguageModelThinkingPart: Thinking } = later;
  if (Thinking && part instanceof Thinking && 'value' in part) return thought(part.value);
  return { type: 'other' };
}

function thought(value: unknown): LanguageModelPart {
  if (typeof value === 'string') return { type: 'thinking', value };
  return Array.isArray(value) ? { type: 'thinking', value: value.map(String) } : { type: 'other' };
}
