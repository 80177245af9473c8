import * as vscode from 'vscode';
import type { Choices, ToWebview } from '#shared/protocol.ts';
import { type ModelSource, pickModel } from '../models/model-picker.ts';
import { choicesFor, type StateFacts } from './chat-state.ts';
import { openConfiguration } from './open-things.ts';

/** What the next prompt of a chat goes with, and where that is kept and told. */
export interface ChatChoices extends StateFacts {
  readonly post: (message: ToWebview) => void;
}

/** Holds for the session that is shown, and for the next new one. */
export async function changeChoices(
  { agent, model }: Pick<Choices, 'agent' | 'model'>,
  chat: ChatChoices,
): Promise<void> {
  const { host, folder, shown, memory, post } = chat;
  await memory.write({ agent });
  if (model) await memory.writeModel(model);
  const id = shown.view?.session.id;
  if (id && model) await host.sessions.switchTo(id, { agent, model });
  if (!folder) return;
  post({ type: 'choices', choices: await choicesFor(folder, chat, { agent, model }) });
}

/** Lets the user choose among all models; one who signs in first comes back to what that brought. */
export async function chooseModel(chat: ChatChoices, search = ''): Promise<void> {
  const { host, folder } = chat;
  // Without a folder there is nothing to choose for, and the page says what to do.
  if (!folder) return;
  const picked = await pickModel(sourceOf(chat, folder), { search });
  switch (picked?.type) {
    case undefined:
      return;
    case 'model': {
      const { agent } = await choicesFor(folder, chat);
      return changeChoices({ agent, model: picked.ref }, chat);
    }
    case 'configuration':
      return openConfiguration(await host.userConfigPath());
    case 'provider': {
      const isIn = await vscode.commands.executeCommand('millrace.signIn', picked.providerID);
      if (isIn === true) await chooseModel(chat, `${picked.providerID}/`);
    }
  }
}

function sourceOf(chat: ChatChoices, folder: NonNullable<ChatChoices['folder']>): ModelSource {
  const { host, memory } = chat;
  return {
    async current() {
      const [{ models }, accounts, { model }] = await Promise.all([
        host.choices(folder.directory),
        host.accounts.all(folder.directory),
        choicesFor(folder, chat),
      ]);
      return { models, accounts, chosen: model, recent: memory.read().recentModels ?? [] };
    },
    look: (signal: AbortSignal) => host.localServers.look(signal),
    onChange: host.onCatalogChange,
  };
}
