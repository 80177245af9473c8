import type { ModelChoice } from '#shared/protocol.ts';
import type { ModelDescription } from './ingest.ts';
import type { KnownProvider } from './known-provider.ts';

/** A model as pickers show it. */
export function choiceOf(
  provider: Pick<KnownProvider, 'id' | 'name'>,
  {
    id,
    model,
    variants,
  }: { readonly id: string; readonly model: ModelDescription; readonly variants: readonly string[] },
): ModelChoice {
  const { status, price, releaseDate, capabilities, compatibility } = model;
  return {
    ref: { providerID: provider.id, modelID: id },
    name: model.name,
    providerName: provider.name,
    ...(model.limit.context ? { contextLimit: model.limit.context } : {}),
    ...(status === 'available' ? {} : { status }),
    ...(price ? { price: { input: price.input, output: price.output } } : {}),
    ...(releaseDate === undefined ? {} : { releaseDate }),
    ...(variants.length > 0 ? { variants } : {}),
    capabilities: {
      input: capabilities.input,
      reasoning: capabilities.reasoning,
      toolCall: compatibility.toolCall,
    },
  };
}
