import { type ModelsDev, noModels } from '../models-dev.ts';
import { readModelsFile, writeModelsFile } from '../models-file.ts';

/** A file as models.dev serves it, of providers that are named and as many more as make it a catalogue. */
export function servedWith(providers: Readonly<Record<string, object>>): Record<string, object> {
  const others = Array.from({ length: 10 }, (_, index) => `filler-${index}`);
  const filler = (id: string) => providerWith({ id, env: [`${id.toUpperCase().replace('-', '_')}_API_KEY`] });
  return { ...Object.fromEntries(others.map((id) => [id, filler(id)])), ...providers };
}

/** A provider in the form of models.dev. */
export function providerWith({
  id,
  models = {},
  ...more
}: { readonly id: string } & Readonly<Record<string, unknown>>) {
  const usual = {
    name: id,
    npm: '@ai-sdk/openai-compatible',
    api: `https://${id}.test/v1`,
    doc: 'https://docs.test',
  };
  return { ...usual, id, env: ['SOME_API_KEY'], models, ...more };
}

/** A model in the form of models.dev. */
export function modelWith(more: Readonly<Record<string, unknown>> = {}): object {
  return {
    id: 'm',
    name: 'M',
    description: 'Some model.',
    release_date: '2026-01-01',
    last_updated: '2026-01-02',
    attachment: false,
    reasoning: false,
    tool_call: true,
    open_weights: false,
    modalities: { input: ['text'], output: ['text'] },
    limit: { context: 200_000, output: 32_000 },
    ...more,
  };
}

/** The catalogue of such providers; told of each entry that it left out. */
export function catalogOf(
  providers: Readonly<Record<string, object>>,
  onLeftOut: (entry: string, reason: string) => void = () => undefined,
): ModelsDev {
  if (Object.keys(providers).length === 0) return noModels;
  return readModelsFile(writeModelsFile(servedWith(providers)), onLeftOut).models;
}
