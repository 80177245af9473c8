import * as vscode from 'vscode';
import type { ModelRef } from '#shared/message.ts';
import { words } from '#shared/words.ts';
import { type ModelFacts, type ModelRow, modelRows, type SayWord } from './model-rows.ts';

/** What the picker shows, and what may change it while it is open. */
export interface ModelSource {
  current(): Promise<ModelFacts>;
  /** Looks for servers on this machine; what it finds comes by `onChange`. */
  look(signal: AbortSignal): Promise<void>;
  onChange(listener: () => void): Disposable;
}

export type PickedModel =
  | { readonly type: 'model'; readonly ref: ModelRef }
  /** The user wants to sign in there first. */
  | { readonly type: 'provider'; readonly providerID: string }
  | { readonly type: 'configuration' };

interface ModelItem extends vscode.QuickPickItem {
  readonly row: ModelRow;
}

const variantsButton: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('settings'),
  tooltip: vscode.l10n.t(words['model.variants.choose']),
};
const configurationButton: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('json'),
  tooltip: vscode.l10n.t(words['empty.provider.action']),
};

/**
 * The editor's own picker over all models: searched, walked by keyboard and read out as everywhere in the editor. It
 * opens with what is known and takes in what is found while it is open.
 */
export async function pickModel(
  source: ModelSource,
  { search = '' }: { readonly search?: string } = {},
): Promise<PickedModel | undefined> {
  using looking = aborted();
  const pick = vscode.window.createQuickPick<ModelItem>();
  const done = Promise.withResolvers<PickedModel | undefined>();
  pick.placeholder = vscode.l10n.t(words['model.pick']);
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.buttons = [configurationButton];
  pick.value = search;
  pick.busy = true;
  const subscriptions = [
    pick.onDidAccept(() => done.resolve(pickedIn(pick.activeItems[0]))),
    pick.onDidHide(() => done.resolve(undefined)),
    pick.onDidTriggerButton(() => done.resolve({ type: 'configuration' })),
    pick.onDidTriggerItemButton(({ item: { row } }) => {
      if (row.type === 'model') done.resolve(pickVariant(row));
    }),
  ];
  let filled = refill(pick, source);
  using _changes = source.onChange(() => {
    filled = filled.then(() => refill(pick, source));
    filled.catch(done.reject);
  });
  try {
    await filled;
    pick.show();
    lookAround(pick, source, looking.signal).catch(done.reject);
    return await done.promise;
  } finally {
    for (const subscription of subscriptions) subscription.dispose();
    pick.dispose();
  }
}

async function lookAround(
  pick: vscode.QuickPick<ModelItem>,
  source: ModelSource,
  signal: AbortSignal,
): Promise<void> {
  try {
    await source.look(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    pick.busy = false;
  }
}

/** The line on which the user stands stays the one where they stand. */
async function refill(pick: vscode.QuickPick<ModelItem>, source: ModelSource): Promise<void> {
  const facts = await source.current();
  const items = modelRows(facts, say).map(itemOf);
  const before = pick.activeItems[0];
  const active =
    items.find(({ row }) => before && keyOf(row) === keyOf(before.row)) ??
    (pick.value === '' ? items.find(({ row }) => row.type === 'model' && row.isChosen) : undefined);
  pick.keepScrollPosition = before !== undefined;
  pick.items = items;
  if (active) pick.activeItems = [active];
}

/** How much a model thinks, or another way to run it: the plain one first. */
async function pickVariant({
  ref,
  label,
  variants,
}: Extract<ModelRow, { type: 'model' }>): Promise<PickedModel | undefined> {
  const { providerID, modelID } = ref;
  const plain = { label: say('picker.variant.none'), ref: { providerID, modelID } };
  const items = [
    plain,
    ...variants.map((variant) => ({ label: variant, ref: { providerID, modelID, variant } })),
  ];
  const placeHolder = vscode.l10n.t(words['model.variants.which'], label);
  const chosen = await vscode.window.showQuickPick(items, { placeHolder });
  return chosen && { type: 'model', ref: chosen.ref };
}

function pickedIn(item: ModelItem | undefined): PickedModel | undefined {
  const row = item?.row;
  return row === undefined || row.type === 'section' ? undefined : row;
}

function itemOf(row: ModelRow): ModelItem {
  if (row.type === 'section') return { row, label: row.label, kind: vscode.QuickPickItemKind.Separator };
  const { label, description, detail } = row;
  // In the label, so that the line below it begins where the label does.
  const icon = row.type === 'provider' ? '$(key) ' : row.isChosen ? '$(check) ' : '';
  return {
    row,
    label: `${icon}${label}`,
    description,
    detail,
    ...(row.type === 'model' && row.variants.length > 0 ? { buttons: [variantsButton] } : {}),
  };
}

function keyOf(row: ModelRow): string {
  return row.type === 'section' ? row.label : `${row.type} ${row.label} ${row.description}`;
}

const say: SayWord = (key, args = []) => vscode.l10n.t(words[key], ...args);

function aborted(): { readonly signal: AbortSignal } & Disposable {
  const stop = new AbortController();
  return { signal: stop.signal, [Symbol.dispose]: () => stop.abort() };
}
