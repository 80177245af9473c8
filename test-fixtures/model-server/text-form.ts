import * as Schema from 'effect/Schema';

/** Texts as providers check them, whatever their format. */

export const text = Schema.String.check(
  Schema.makeFilter((value) => value.isWellFormed(), { expected: 'well-formed text' }),
);

export const base64 = Schema.String.check(Schema.isPattern(/^[A-Za-z0-9+/]+={0,2}$/));

export const webAddress = Schema.String.check(Schema.isPattern(/^https?:\/\/\S+$/));

export const imageData = Schema.String.check(
  Schema.isPattern(/^data:image\/(png|jpeg|jpg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}$/),
);

export const documentData = Schema.String.check(
  Schema.isPattern(/^data:(application|text)\/[\w.+-]+;base64,[A-Za-z0-9+/]+={0,2}$/),
);

/** Any JSON object. */
export const fields = Schema.Record(Schema.String, Schema.Unknown);

/** One event of an event stream. */
export function eventOf(body: unknown, name?: string): string {
  return `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(body)}\n\n`;
}
