import { expect, test } from 'vitest';
import { toolBench } from '../testing/tool-bench.ts';

const definitions = toolBench().registry.definitions(() => false);

test('names and parameters of the tools are pinned: agents, prompts and rules depend on them (TL-02)', () => {
  const shape = definitions.map(({ name, parameters }) => {
    const { properties, required } = parameters as {
      readonly properties: Readonly<Record<string, { readonly type: string }>>;
      readonly required: readonly string[];
    };
    const names = Object.entries(properties).map(
      ([key, { type }]) => `${key}${required.includes(key) ? '' : '?'}: ${type}`,
    );
    return `${name} { ${names.join(', ')} }`;
  });
  expect(shape).toEqual([
    'edit { filePath: string, oldString: string, newString: string, replaceAll?: boolean }',
    'glob { pattern: string, path?: string }',
    'grep { pattern: string, path?: string, include?: string }',
    'read { filePath: string, offset?: integer, limit?: integer }',
    'shell { command: string, timeout?: integer, workdir?: string, description?: string }',
    'write { filePath: string, content: string }',
  ]);
});

test('all definitions together cost little, because every provider turn pays for them', () => {
  expect(JSON.stringify(definitions).length).toBeLessThan(4_500);
});

test('a schema says nothing that is no use to a model', () => {
  const text = JSON.stringify(definitions);
  expect(text).not.toContain('9007199254740991');
  expect(text).not.toContain('additionalProperties');
});
