/** The variables that hold the keys of the built-in providers, by provider. */
export const builtinKeyNames = {
  openai: ['OPENAI_API_KEY'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
