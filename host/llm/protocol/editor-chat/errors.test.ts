import { expect, test } from 'vitest';
import type { LLMErrorCode } from '../../schema.ts';
import { classifyEditor } from './errors.ts';

const classify = (payload: unknown) => classifyEditor({ type: 'in-stream', payload, headers: {} }, 0);
const own = (code: string, message = '') => ({ name: 'LanguageModelError', code, message });
const vendor = (name: string, message: string) => ({ name, message });

test.each<readonly [object, LLMErrorCode]>([
  [own('NoPermissions', "Language model 'copilot/x' cannot be used by 'millrace.millrace'."), 'auth'],
  [own('Blocked'), 'quota'],
  [own('NotFound', 'copilot/x'), 'model-not-found'],
  [vendor('ChatQuotaExceeded', 'You have used all of your premium requests.'), 'quota'],
  [vendor('ChatRateLimited', 'Please wait a moment.'), 'rate-limit'],
  [vendor('Error', 'Message exceeds token limit.'), 'overflow'],
  [vendor('Error', 'The prompt is too long: 250000 tokens.'), 'overflow'],
  [vendor('Error', 'Response got filtered by the content policy.'), 'content-filter'],
  [vendor('Canceled', 'Canceled'), 'server'],
  [vendor('TypeError', 'x is undefined'), 'server'],
  [{ ...own('Unknown', 'see the cause'), cause: vendor('Error', 'invalid api key') }, 'auth'],
  [
    { ...own(''), cause: { ...vendor('Error', 'outer'), cause: vendor('ChatRateLimited', '') } },
    'rate-limit',
  ],
])('%j is %s (LM-11)', (payload, code) => {
  const retryable = code === 'rate-limit' || code === 'server';
  expect(classify(payload)).toMatchObject({ code, retryable });
});

test('what the editor refuses is told in words that say what to do, with what it said itself (LM-11)', () => {
  expect(classify(own('NotFound', 'copilot/x')).message).toBe(
    'The editor does not have this model now. Choose another one. copilot/x',
  );
  expect(classify(own('NoPermissions')).message).toBe(
    'The editor does not let Millrace use this model. Send again to be asked.',
  );
  expect(
    classify({ ...own('Unknown', 'See the cause.'), cause: vendor('Error', 'Out of paper.') }).message,
  ).toBe('Out of paper.');
});
