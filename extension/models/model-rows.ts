import type { Account } from '#host/host.ts';
import { formatTokens } from '#shared/amounts.ts';
import type { ModelRef } from '#shared/message.ts';
import { modelName } from '#shared/parse-model.ts';
import type { ModelChoice } from '#shared/protocol.ts';
import type { WordKey } from '#shared/words.ts';

/** One line of the model picker. */
export type ModelRow =
  | { readonly type: 'section'; readonly label: string }
  | (RowWords & {
      readonly type: 'model';
      readonly ref: ModelRef;
      readonly isChosen: boolean;
      readonly variants: readonly string[];
    })
  /** A provider whose models come once the user has signed in there. */
  | (RowWords & { readonly type: 'provider'; readonly providerID: string });

interface RowWords {
  readonly label: string;
  /** Beside the label; a search looks here too. */
  readonly description: string;
  /** Below the label. */
  readonly detail: string;
}

export interface ModelFacts {
  readonly models: readonly ModelChoice[];
  readonly accounts: readonly Account[];
  readonly chosen: ModelRef | null;
  /** What was used last, the newest first. */
  readonly recent: readonly ModelRef[];
}

export type SayWord = (key: WordKey, args?: readonly string[]) => string;

/**
 * The lines of the model picker: what was used last, then the models by provider as the host orders them, then the
 * providers that want a sign-in. What was used last stands in its provider's section as well: there it is looked for.
 */
export function modelRows(
  { models, accounts, chosen, recent }: ModelFacts,
  say: SayWord,
): readonly ModelRow[] {
  const byName = new Map(models.map((model) => [modelName(model.ref), model]));
  const usedLast = recent.flatMap((ref) => {
    const model = byName.get(modelName(ref));
    return model ? [modelRow(model, withVariant(model, ref), { chosen, say })] : [];
  });
  const states = new Map(accounts.map((account) => [account.id, account]));
  const waiting = accounts.filter(({ access, methods }) => access.type === 'missing' && methods.length > 0);
  return [
    ...section(say('model.section.recent'), models.length > usedLast.length ? usedLast : []),
    ...providersOf(models).flatMap(({ id, name, members }) =>
      section(
        [name, stateWords(states.get(id), say)].filter((part) => part !== '').join(' · '),
        members.map((model) => modelRow(model, model.ref, { chosen, say })),
      ),
    ),
    ...section(
      say('model.section.sign-in'),
      waiting.map((account) => providerRow(account, say)),
    ),
  ];
}

/** Price and size in words: `200k context · $3 in / $15 out per M · images · low, high`. */
export function modelDetail(model: ModelChoice, say: SayWord): string {
  const { status, contextLimit, price, capabilities, variants = [], needsConsent } = model;
  const sees = capabilities?.input.includes('image') ? [say('model.images')] : [];
  const calls = capabilities?.toolCall === false ? [say('model.no-tools')] : [];
  return [
    ...(needsConsent ? [say('model.consent')] : []),
    ...(status === undefined ? [] : [say(`model.status.${status}`)]),
    ...(contextLimit === undefined ? [] : [say('model.context', [formatTokens(contextLimit)])]),
    ...priceWords(price, say),
    ...sees,
    ...(capabilities?.reasoning ? [say('model.thinks')] : []),
    ...calls,
    ...variantWords(variants, say),
  ].join(' · ');
}

interface RowFacts {
  readonly chosen: ModelRef | null;
  readonly say: SayWord;
}

function modelRow(model: ModelChoice, ref: ModelRef, { chosen, say }: RowFacts): ModelRow {
  const variant = ref.variant === undefined ? '' : ` · ${ref.variant}`;
  return {
    type: 'model',
    ref,
    label: `${model.name}${variant}`,
    description: modelName(ref),
    detail: modelDetail(model, say),
    isChosen: chosen !== null && modelName(chosen) === modelName(ref),
    variants: model.variants ?? [],
  };
}

function providerRow({ id, name, env, state }: Account, say: SayWord): ModelRow {
  const problem = state.type === 'signed-out' ? state.problem.text : say('model.sign-in');
  const detail = env.length > 0 ? say('model.sign-in.env', [env.join(', ')]) : '';
  return { type: 'provider', providerID: id, label: name, description: `${id} · ${problem}`, detail };
}

/** How a provider is paid for, where that is not plain from its being there. */
function stateWords(account: Account | undefined, say: SayWord): string {
  const { state } = account ?? {};
  if (state?.type === 'environment') return state.variable;
  return state?.type === 'signed-in' ? (state.account ?? say('account.state.in')) : '';
}

function priceWords(price: ModelChoice['price'], say: SayWord): readonly string[] {
  if (!price) return [];
  if (price.input === 0 && price.output === 0) return [say('model.free')];
  return [say('model.price', [dollars(price.input), dollars(price.output)])];
}

/** Prices are told as their makers tell them: `3`, `0.25`, `0.10`, `0.075`. */
function dollars(price: number): string {
  const digits = String(Number(price.toPrecision(3)));
  return `$${oneDecimal.test(digits) ? `${digits}0` : digits}`;
}

const oneDecimal = /\.\d$/;

/** All of a few, of more the first and the last: they go from the one that thinks least to the one that thinks most. */
function variantWords(variants: readonly string[], say: SayWord): readonly string[] {
  const [first, ...others] = variants;
  const last = others.at(-1);
  if (first === undefined) return [];
  if (first === withoutThinking && last === undefined) return [say('model.variants.off')];
  const shown = variants.length > 2 ? `${first} … ${last}` : variants.join(', ');
  return [say('model.variants', [shown])];
}

/** The catalogue's name for the variant in which a model does not think. */
const withoutThinking = 'none';

function section(label: string, rows: readonly ModelRow[]): readonly ModelRow[] {
  return rows.length === 0 ? [] : [{ type: 'section', label }, ...rows];
}

function providersOf(models: readonly ModelChoice[]) {
  const providers = new Map<string, { readonly name: string; readonly members: ModelChoice[] }>();
  for (const model of models) {
    const { providerID } = model.ref;
    const provider = providers.get(providerID) ?? { name: model.providerName, members: [] };
    providers.set(providerID, provider);
    provider.members.push(model);
  }
  return [...providers].map(([id, provider]) => ({ id, ...provider }));
}

/** A variant that the model does not have any more is not shown. */
function withVariant({ ref, variants = [] }: ModelChoice, { variant }: ModelRef): ModelRef {
  return variant !== undefined && variants.includes(variant) ? { ...ref, variant } : ref;
}
