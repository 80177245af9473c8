import * as vscode from 'vscode';
import type { Host } from '#host/host.ts';
import type { ModelRef } from '#shared/message.ts';
import { pickModel } from '../models/model-picker.ts';
import { openConfiguration } from './open-things.ts';

/** The chat that a model is chosen for. */
export interface ModelWorld {
  readonly host: Host;
  readonly directory: string;
  /** What the next prompt goes with now. */
  readonly chosen: () => Promise<ModelRef | null>;
  readonly recent: () => readonly ModelRef[];
  readonly change: (model: ModelRef) => Promise<void>;
}

/** Lets the user choose among all models; one who signs in first comes back to what that brought. */
export async function chooseModel(world: ModelWorld, search = ''): Promise<void> {
  const { host } = world;
  const picked = await pickModel(sourceOf(world), { search });
  switch (picked?.type) {
    case undefined:
      return;
    case 'model':
      return world.change(picked.ref);
    case 'configuration':
      return openConfiguration(await host.userConfigPath());
    case 'provider': {
      const isIn = await vscode.commands.executeCommand('millrace.signIn', picked.providerID);
      if (isIn === true) await chooseModel(world, `${picked.providerID}/`);
    }
  }
}

function sourceOf({ host, directory, chosen, recent }: ModelWorld) {
  return {
    async current() {
      const [{ models }, accounts] = await Promise.all([
        host.choices(directory),
        host.accounts.all(directory),
      ]);
      return { models, accounts, chosen: await chosen(), recent: recent() };
    },
    look: () => Promise.resolve(),
    onChange: (listener: () => void) => host.accounts.onChange(listener),
  };
}
