import { expect, test } from 'vitest';
import { parseArguments } from './arguments.ts';
import { checkLines, modelTable } from './models.ts';

test('models are listed with protocol, status, window and price, one line each', () => {
  const listed = [
    {
      ...{ provider: 'anthropic', id: 'claude', name: 'Claude', protocol: 'anthropic-messages' },
      ...{ status: 'available' as const, context: 200_000, price: { input: 3, output: 15 } },
    },
    { provider: 'own', id: 'm\u001b[31m', name: 'M', protocol: 'openai-chat', status: 'beta' as const },
  ];
  expect(modelTable(listed, undefined)).toBe(
    [
      'Model             Protocol            Status     Context  $ in / out per M',
      'anthropic/claude  anthropic-messages  available  200000   3 / 15',
      'own/m [31m        openai-chat         beta',
      '',
    ].join('\n'),
  );
});

test('a provider may be named, one at most', () => {
  expect(parseArguments(['models', 'anthropic', '--format', 'json', '--dir', '/x'])).toEqual({
    type: 'models',
    models: { provider: 'anthropic', format: 'json', dir: '/x', local: false },
  });
  expect(parseArguments(['models'])).toEqual({ type: 'models', models: { format: 'text', local: false } });
  expect(parseArguments(['models', '--local', '--check', 'ollama/hf.co/a:b'])).toEqual({
    type: 'models',
    models: { format: 'text', local: true, check: { providerID: 'ollama', modelID: 'hf.co/a:b' } },
  });
  expect(() => parseArguments(['models', '--check', 'ollama'])).toThrow(/as PROVIDER\/MODEL/);
  expect(() => parseArguments(['models', 'ollama', '--check', 'ollama/m'])).toThrow(/name no provider/);
  expect(() => parseArguments(['run', '--local', 'x'])).toThrow(/knows no option --local/);
  expect(() => parseArguments(['models', 'a', 'b'])).toThrow(/takes one provider/);
  expect(() => parseArguments(['models', '--yes'])).toThrow(/knows no option --yes/);
});

test('what a look at a model told is one line each, with nothing in it that a terminal obeys (LM-14)', () => {
  const finding = {
    ...({ type: 'unreachable', weight: 'blocks', isSure: true } as const),
    problem: 'Nothing answers at \u001b[31mhere.',
    remedy: 'Run it.',
  };
  const advice = { ...finding, type: 'no-tools', weight: 'advises', problem: 'No tools.' } as const;
  expect(checkLines('a/b', { type: 'checked', findings: [finding, advice] })).toBe(
    'No answer will come: Nothing answers at  [31mhere. Run it.\nIt could do better: No tools. Run it.',
  );
  expect(checkLines('a/b', { type: 'checked', findings: [] })).toBe('Nothing stands in the way of a/b.');
  expect(checkLines('a/b', { type: 'remote' })).toContain('not on this machine');
  expect(checkLines('a/b', { type: 'unusable', reason: 'No key.' })).toBe('No key.');
});
