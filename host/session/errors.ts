import type { MessageError } from '#shared/message.ts';
import type { CatalogModel } from '../catalog/catalog.ts';
import { editorProvider } from '../catalog/editor-source.ts';
import type { LLMError, LLMErrorCode } from '../llm/schema.ts';

const names: Readonly<Record<LLMErrorCode, MessageError['name']>> = {
  auth: 'ProviderAuthError',
  quota: 'APIError',
  'rate-limit': 'APIError',
  overflow: 'ContextOverflowError',
  'content-filter': 'ContentFilterError',
  'invalid-request': 'APIError',
  'model-not-found': 'APIError',
  server: 'APIError',
  unreachable: 'APIError',
  timeout: 'APIError',
  'stream-cut': 'APIError',
  protocol: 'APIError',
};

/**
 * A provider's failure as it is stored on the message: code and data, no rendered text (decision 20). Who may use an
 * editor's models is said in the editor: there is no key that could be wrong.
 */
export function providerError(error: LLMError, { ref, choice, endpoint }: CatalogModel): MessageError {
  return {
    name: names[error.code],
    data: {
      code: error.code === 'auth' && ref.providerID === editorProvider ? 'model-denied' : error.code,
      message: error.message,
      isRetryable: error.retryable,
      providerID: choice.providerName,
      modelID: ref.modelID,
      endpoint,
      ...(error.status === undefined ? {} : { statusCode: error.status }),
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
      ...(error.requestID === undefined ? {} : { requestID: error.requestID }),
    },
  };
}

/** A turn that was ended from outside: by the user, by closing the window, or by a crash. */
export const interruptedError: MessageError = {
  name: 'MessageAbortedError',
  data: { code: 'interrupted', message: 'Interrupted' },
};

/** An error of the host's own making, by its code. */
export function hostError(code: string, data: Partial<MessageError['data']> = {}): MessageError {
  return { name: 'UnknownError', data: { code, message: '', ...data } };
}
