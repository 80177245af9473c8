import { classifyAnswer, classifySilence } from '../../classify.ts';
import type { WireFailure } from '../../failure.ts';
import type { LLMError } from '../../schema.ts';
import { fieldsOf } from '../error-body.ts';

/**
 * Reads errors of the editor's API, `{ name, code, message, cause }`; see `Protocol.classify`. What the editor itself
 * says has a code; what a vendor says comes as it was thrown there, by itself or as the cause.
 * Source: https://code.visualstudio.com/api/references/vscode-api#LanguageModelError
 */
export function classifyEditor(failure: WireFailure, now: number): LLMError {
  if (failure.type !== 'in-stream') return classifySilence(failure) ?? unknownFailure;
  const outer = fieldsOf(failure.payload);
  const own = editorErrors.get(textOf(outer['code']));
  const thrown = deepest(outer);
  const said = textOf(thrown['message']) || textOf(outer['message']);
  if (own) return { code: own.code, message: `${own.words} ${said}`.trim(), retryable: false };
  const names = [thrown['name'], thrown['code'], outer['name']].map(textOf).filter((word) => word !== '');
  const named = names.map((name) => vendorErrors.get(name)).find((each) => each !== undefined);
  const words = [named ?? '', ...names, tokenLimit.test(said) ? 'context_length' : ''].filter(
    (word) => word !== '',
  );
  return classifyAnswer({ status: null, words, message: said, headers: {} }, now);
}

const unknownFailure: LLMError = { code: 'server', message: 'The editor failed.', retryable: true };

const editorErrors: ReadonlyMap<string, { readonly code: LLMError['code']; readonly words: string }> =
  new Map([
    [
      'NoPermissions',
      { code: 'auth', words: 'The editor does not let Millrace use this model. Send again to be asked.' },
    ],
    ['Blocked', { code: 'quota', words: 'The vendor of this model blocks requests for now.' }],
    [
      'NotFound',
      { code: 'model-not-found', words: 'The editor does not have this model now. Choose another one.' },
    ],
  ]);

/**
 * Names that vendors give their errors, as words that the common table knows. A model whose extension goes away in the
 * middle of an answer is `Canceled`.
 * Source: https://github.com/microsoft/vscode-copilot-chat, languageModelAccess.ts
 */
const vendorErrors: ReadonlyMap<string, string> = new Map([
  ['ChatQuotaExceeded', 'insufficient_quota'],
  ['Canceled', 'unavailable'],
]);

const tokenLimit = /(?:exceeds|over|beyond)\b.{0,40}\b(?:token|context|prompt)\b.{0,20}\b(?:limit|window)/i;

type Fields = Readonly<Record<string, unknown>>;

function deepest(error: Fields): Fields {
  const cause = fieldsOf(error['cause']);
  return Object.keys(cause).length === 0 ? error : deepest(cause);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
