import * as vscode from 'vscode';
import type { Host } from '#host/host.ts';
import type { ModelRef } from '#shared/message.ts';
import type { Notice } from '#shared/notice.ts';
import { modelName } from '#shared/parse-model.ts';
import type { Choices, ModelChoice, ToWebview } from '#shared/protocol.ts';
import type { Session } from '#shared/session.ts';
import { readSetting } from '../settings/read-setting.ts';
import type { ChoiceMemory } from './choice-memory.ts';
import type { Folder } from './choose-folder.ts';
import { type ShownSession, windowSize } from './shown-session.ts';
import { translations } from './translations.ts';

export type ChatState = Extract<ToWebview, { type: 'state' }>;

export interface StateFacts {
  readonly host: Host;
  readonly folder: Folder | undefined;
  readonly shown: ShownSession;
  readonly memory: ChoiceMemory;
}

const noChoices: Choices = { agents: [], agent: 'build', model: null };

/** Everything a page needs to draw itself; `seq` is set by who sends it. */
export async function chatState({
  host,
  folder,
  shown,
  memory,
}: StateFacts): Promise<Omit<ChatState, 'seq'>> {
  const choices = folder ? await choicesFor(folder, { host, shown, memory }) : noChoices;
  const sessions = await host.sessions.list();
  const { view } = shown;
  return {
    ...emptyState(folder),
    window: view ? { ...view, messages: view.messages.slice(-windowSize) } : null,
    hasOlder: shown.hasOlder,
    sessions,
    choices,
    notices: host.notices(),
  };
}

/** The state of a chat whose host did not start: the notice says why. */
export function failedState(folder: Folder | undefined, notice: Notice): Omit<ChatState, 'seq'> {
  return { ...emptyState(folder), notices: [notice] };
}

/**
 * What the next prompt goes with: what was `just` chosen, for the session may not say so yet; else what the session is
 * set to, what was chosen last, what is configured.
 */
export async function choicesFor(
  folder: Folder,
  { host, shown, memory }: Omit<StateFacts, 'folder'>,
  just?: Pick<Choices, 'agent' | 'model'>,
): Promise<Choices> {
  const { agents, models, defaultAgent, defaultModel } = await host.choices(folder.directory);
  const session = shown.view?.session;
  const remembered = memory.read();
  const names = agents.map(({ name }) => name);
  const wanted = [just?.agent, session?.agent, remembered.agent, defaultAgent, readSetting('millrace.agent')];
  const model = just?.model ?? chosenModel({ session, remembered: remembered.model, models, defaultModel });
  const chosen = model && models.find(({ ref }) => modelName(ref) === modelName(model));
  return {
    agents,
    agent: wanted.find((name) => name !== undefined && names.includes(name)) ?? names[0] ?? 'build',
    model,
    ...(chosen ? { chosen } : {}),
  };
}

interface ModelFacts {
  readonly session: Session | undefined;
  readonly remembered: ModelRef | null | undefined;
  readonly models: readonly ModelChoice[];
  readonly defaultModel: ModelRef | undefined;
}

/** A session keeps its model, even one that is gone: then the conversation says so. Elsewhere only what is offered. */
function chosenModel({ session, remembered, models, defaultModel }: ModelFacts): ModelRef | null {
  if (session?.model?.modelID) return session.model;
  const setting = readSetting('millrace.model');
  const wanted = [
    remembered ?? undefined,
    models.find(({ ref }) => modelName(ref) === setting)?.ref,
    defaultModel,
  ];
  const offered = new Set(models.map(({ ref }) => modelName(ref)));
  return wanted.find((ref) => ref !== undefined && offered.has(modelName(ref))) ?? defaultModel ?? null;
}

function emptyState(folder: Folder | undefined): Omit<ChatState, 'seq'> {
  return {
    type: 'state',
    translations: translations(),
    location: folder ?? null,
    trusted: vscode.workspace.isTrusted,
    window: null,
    hasOlder: false,
    sessions: [],
    choices: noChoices,
    notices: [],
  };
}
