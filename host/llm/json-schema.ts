/** The little of JSON Schema that is needed to read what models write: which types a value may have. */

export type JsonSchema = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The narrowest JSON type of a value. */
export function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/** Whether a value of this type is among those; an integer is a number, too. */
export function isAmong(type: string, types: ReadonlySet<string>): boolean {
  return types.has(type) || (type === 'integer' && types.has('number'));
}

/** Every type that a schema names, references of the same document followed; none where it says nothing of types. */
export function typesOf(schema: unknown, root: JsonSchema, depth = 0): ReadonlySet<string> {
  if (!isObject(schema) || depth > deepest) return new Set();
  const named = listOf(schema['type']).map(String);
  const values = 'const' in schema ? [schema['const']] : listOf(schema['enum']);
  const own = named.length > 0 ? named : values.map(typeOf);
  const parts = [...combined.flatMap((key) => listOf(schema[key])), referred(schema, root)];
  return new Set([...own, ...parts.flatMap((part) => [...typesOf(part, root, depth + 1)])]);
}

/** The schema of one property. */
export function propertyOf(schema: JsonSchema, name: string): unknown {
  const { properties } = schema;
  return isObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

/** What is wrong with the properties of an object: those that are missing and those of another type. */
export function problemsOf(input: Readonly<Record<string, unknown>>, schema: JsonSchema): readonly string[] {
  const required = listOf(schema['required']).map(String);
  const missing = required.filter((name) => !Object.hasOwn(input, name)).map((name) => `${name}: missing`);
  const wrong = Object.entries(input).flatMap(([name, value]) => {
    const types = typesOf(propertyOf(schema, name), schema);
    if (types.size === 0 || isAmong(typeOf(value), types)) return [];
    return [`${name}: expected ${[...types].join(' or ')}, got ${typeOf(value)}`];
  });
  return [...missing, ...wrong];
}

/** Deeper than that a schema is followed no further: it may refer to itself. */
const deepest = 8;
const combined = ['anyOf', 'oneOf', 'allOf'] as const;

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return typeof value === 'string' ? [value] : [];
}

function referred({ $ref }: JsonSchema, root: JsonSchema): unknown {
  if (typeof $ref !== 'string' || !$ref.startsWith('#/')) return undefined;
  return $ref
    .slice(2)
    .split('/')
    .reduce<unknown>((at, key) => {
      const name = key.replaceAll('~1', '/').replaceAll('~0', '~');
      return isObject(at) ? at[name] : undefined;
    }, root);
}
