import * as Schema from 'effect/Schema';
import { JsonObject } from '#shared/part.ts';

const decodeObject = Schema.decodeUnknownSync(JsonObject);
const safeInteger = Number.MAX_SAFE_INTEGER;

/**
 * The JSON Schema of a tool's parameters as the model sees it: without what says nothing to a model (the bounds of
 * safe integers, "more keys are allowed"), because every provider turn pays for it.
 */
export function parameterSchema(schema: Schema.Codec<unknown, unknown>): JsonObject {
  return decodeObject(trim(Schema.toJsonSchemaDocument(schema).schema));
}

function trim(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(trim);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, entry]) => !saysNothing(key, entry))
      .map(([key, entry]) => [key, trim(entry)]),
  );
}

function saysNothing(key: string, value: unknown): boolean {
  if (key === 'additionalProperties') return value === true;
  return (key === 'minimum' && value === -safeInteger) || (key === 'maximum' && value === safeInteger);
}

const PropertyShape = Schema.Struct({
  properties: Schema.Record(Schema.String, Schema.Struct({ type: Schema.optionalKey(Schema.String) })),
  required: Schema.optionalKey(Schema.Array(Schema.String)),
});
const decodeShape = Schema.decodeUnknownSync(PropertyShape);

/** The parameters in one line, as in `filePath: string, offset?: integer`. */
export function parameterLine(parameters: JsonObject): string {
  const { properties, required = [] } = decodeShape(parameters);
  return Object.entries(properties)
    .map(([name, { type = 'object' }]) => `${name}${required.includes(name) ? '' : '?'}: ${type}`)
    .join(', ');
}
