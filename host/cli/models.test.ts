import { expect, test } from 'vitest';
import { parseArguments } from './arguments.ts';
import { modelTable } from './models.ts';

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
    models: { provider: 'anthropic', format: 'json', dir: '/x' },
  });
  expect(parseArguments(['models'])).toEqual({ type: 'models', models: { format: 'text' } });
  expect(() => parseArguments(['models', 'a', 'b'])).toThrow(/takes one provider/);
  expect(() => parseArguments(['models', '--yes'])).toThrow(/knows no option --yes/);
});
