import { parseConfigFile } from '../../config/config-file.ts';
import { type LayerValues, mergeLayers } from '../../config/merge-layers.ts';
import type { Environment } from '../../ports/environment.ts';
import { type Catalog, type CatalogModel, type ChosenModel, createCatalog } from '../catalog.ts';
import { type Consents, noConsents, type StoredCredential } from '../choose-credential.ts';
import { type FoundModels, nothingFound } from '../found-models.ts';
import { catalogOf, modelWith, providerWith } from './small-catalog.ts';

/** What a catalogue is made from in a test. */
export interface CatalogTestWorld {
  readonly user?: object;
  readonly project?: object;
  readonly variables?: Readonly<Record<string, string>>;
  readonly stored?: Readonly<Record<string, StoredCredential>>;
  readonly providers?: Readonly<Record<string, object>>;
  readonly consents?: Consents;
  readonly found?: FoundModels;
}

export const openai = providerWith({
  id: 'openai',
  npm: '@ai-sdk/openai',
  api: undefined,
  env: ['OPENAI_API_KEY'],
  models: { 'gpt-9': modelWith({ name: 'GPT 9', cost: { input: 2, output: 8 } }) },
});
/** One provider with an address and these models. */
export const lab = (models: object, more: object = {}) => ({
  lab: providerWith({ id: 'lab', env: ['LAB_API_KEY'], models, ...more }),
});
/** Its only key, in the environment. */
export const labKey = { LAB_API_KEY: 'sk-lab' };

/** A catalogue of files as they stand, of a data file with these providers, in an environment with these variables. */
export function catalogWith({
  user = {},
  project = {},
  variables = {},
  stored = {},
  providers = { openai },
  consents = noConsents,
  found = nothingFound,
}: CatalogTestWorld) {
  const environment: Environment = {
    platform: 'linux',
    homeDirectory: '/home/me',
    surface: 'test',
    variable: (name) => variables[name],
  };
  const config = mergeLayers([layerOf('user', user), layerOf('project', project)], '/home/me');
  const credentials = { of: (id: string) => (Object.hasOwn(stored, id) ? stored[id] : undefined) };
  return createCatalog(config, { environment, data: catalogOf(providers), found, credentials, consents });
}

export function layerOf(from: 'user' | 'project', content: object): LayerValues {
  const { values } = parseConfigFile(JSON.stringify(content));
  return { from, values, borrowedKeys: new Set(), notices: [] };
}

export function model(catalog: Catalog, name: string, variant?: string): CatalogModel {
  const resolution = catalog.resolve(refOf(name, variant));
  if (resolution.type !== 'model') throw new Error(JSON.stringify(resolution));
  return resolution.model;
}

export function refOf(name: string, variant?: string): ChosenModel {
  const [providerID = '', ...rest] = name.split('/');
  return { providerID, modelID: rest.join('/'), ...(variant === undefined ? {} : { variant }) };
}

/** Why a model cannot be asked; else what it resolves to. */
export function reason(catalog: Catalog, name: string): string {
  const resolution = catalog.resolve(refOf(name));
  return resolution.type === 'unusable' ? resolution.reason : resolution.type;
}

export const names = ({ models }: Catalog) => models.map(({ ref }) => `${ref.providerID}/${ref.modelID}`);

/** Its output costs four times its input. */
export const priced = (input: number, release_date: string, more: object = {}) =>
  modelWith({ cost: { input, output: input * 4 }, reasoning: true, release_date, ...more });
