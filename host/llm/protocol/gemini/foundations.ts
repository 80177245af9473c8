import type { LLMEvent } from '../../schema.ts';
import { fieldsOf } from '../error-body.ts';
import { factsOf, textsOf } from './native.ts';
import type { WireCandidate } from './wire.ts';

/**
 * What an answer is founded on: searches and their sources, pages read, works cited. It stands beside the parts, and
 * there is no place for it in a request.
 */
export class Foundations {
  readonly #fields = new Map<string, Readonly<Record<string, unknown>>>();

  /** Later chunks bring what earlier ones lack. */
  take({ groundingMetadata, urlContextMetadata, citationMetadata }: WireCandidate): void {
    this.#add('grounding', groundingMetadata);
    this.#add('url_context', urlContextMetadata);
    this.#add('citations', citationMetadata);
  }

  events(): readonly LLMEvent[] {
    return [...this.#fields].map(([name, fields]) => ({
      type: 'native',
      name,
      text: textsOf(fields['webSearchQueries']),
      metadata: factsOf({ [name]: fields }),
    }));
  }

  #add(name: string, value: unknown): void {
    const fields = fieldsOf(value);
    if (Object.keys(fields).length > 0) this.#fields.set(name, { ...this.#fields.get(name), ...fields });
  }
}
