import { HostError } from '#shared/host-error.ts';
import type { Account } from '../accounts.ts';

/** The provider that was typed, by its id or its whole name. @throws HostError `cli.usage` */
export function chosenAccount(all: readonly Account[], typed: string): Account {
  const wanted = typed.trim().toLowerCase();
  const found = all.find(({ id }) => id === typed) ?? all.find((each) => namesOf(each).includes(wanted));
  if (found) return found;
  const near = all.filter((each) => namesOf(each).some((name) => name.includes(wanted.slice(0, 4))));
  const meant = near.slice(0, mostMeant).map(({ id }) => id);
  const hint = wanted === '' || meant.length === 0 ? '' : ` Did you mean ${meant.join(', ')}?`;
  throw new HostError(
    'cli.usage',
    `There is no provider "${typed}", neither in the catalogue nor in your configuration.${hint}`,
  );
}

const mostMeant = 5;

function namesOf({ id, name }: Account): readonly string[] {
  return [id.toLowerCase(), name.toLowerCase()];
}
