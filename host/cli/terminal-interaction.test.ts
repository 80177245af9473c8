import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { pipedInteraction, terminalInteraction } from './terminal-interaction.ts';

const { signal } = new AbortController();
const secret = { text: 'API key for acme', secret: true } as const;
const plain = { text: 'Your tenant', secret: false, example: 'contoso', link: 'https://acme.test' } as const;

function openTerminal() {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = Object.assign(new PassThrough(), { isTTY: true });
  const stop = new AbortController();
  const shown: string[] = [];
  output.on('data', (bytes: Buffer) => shown.push(bytes.toString()));
  const interaction = terminalInteraction({ input, output, interrupt: () => stop.abort() });
  return { input, shown: () => shown.join(''), stop, interaction };
}

test('a secret that is typed is not shown, and an answer that is none is (LM-08)', async () => {
  const { input, shown, interaction } = openTerminal();
  const key = interaction.ask(secret, signal);
  input.write('sk-typed-0001\r');
  expect(await key).toBe('sk-typed-0001');
  expect(shown()).toBe('API key for acme: \n');
  const tenant = interaction.ask(plain, signal);
  input.write('fabrikam\r');
  expect(await tenant).toBe('fabrikam');
  expect(shown()).toContain('Your tenant (https://acme.test, for example contoso): ');
  expect(shown()).toContain('fabrikam');
});

test('Ctrl+C and an abort end a question, and the end of what is typed is no answer', async () => {
  const { input, stop, interaction } = openTerminal();
  const asked = interaction.ask(secret, stop.signal);
  input.write('\u0003');
  await expect(asked).rejects.toBe(stop.signal.reason);
  await expect(interaction.ask(secret, stop.signal)).rejects.toBe(stop.signal.reason);
  expect(stop.signal.aborted).toBe(true);
  const again = openTerminal();
  const unanswered = again.interaction.ask(secret, signal);
  again.input.end();
  expect(await unanswered).toBeUndefined();
});

test('a page is told once, with nothing in it that a terminal obeys', () => {
  const { shown, interaction } = openTerminal();
  const page = { address: 'https://acme.test/\u001b[2Jdevice', code: 'AB-12' };
  interaction.show({ ...page, opened: false });
  interaction.show({ ...page, opened: true });
  interaction.show({ address: 'https://acme.test/in', opened: false });
  expect(shown()).toBe(
    'Enter AB-12 at https://acme.test/ [2Jdevice\nOpen https://acme.test/in in a browser.\n',
  );
});

test('what is piped answers one question by each line, and says what it has no line for', async () => {
  const input = new PassThrough();
  const lines: string[] = [];
  const interaction = pipedInteraction({ input, tell: (line) => lines.push(line) });
  input.end(' sk-piped-0002 \nclient\n');
  expect(await interaction.ask(secret, signal)).toBe('sk-piped-0002');
  expect(await interaction.ask(plain, signal)).toBe('client');
  expect(await interaction.ask({ ...secret, optional: true }, signal)).toBe('');
  await expect(interaction.ask(plain, signal)).rejects.toMatchObject({
    code: 'cli.usage',
    message: expect.stringContaining('no line for: Your tenant.'),
  });
});
