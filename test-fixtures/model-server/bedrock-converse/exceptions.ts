import type { Problem } from '../wire.ts';

export type Exception = { readonly status: number; readonly name: string; readonly message: string };

/**
 * What AWS calls a problem, and says of it.
 * Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html#API_runtime_ConverseStream_Errors
 */
export function exceptionOf({ status, code, message, tokens }: Problem): Exception {
  if (tokens !== undefined) {
    const words = `prompt is too long: ${tokens.sent} tokens > ${tokens.limit} maximum`;
    return invalid(`The model returned the following errors: ${words}`);
  }
  switch (code) {
    case 'model_not_found':
      return invalid('The provided model identifier is invalid.');
    case 'invalid_api_key':
      return {
        status: 403,
        name: 'UnrecognizedClientException',
        message: 'The security token included in the request is invalid.',
      };
    case 'insufficient_quota':
      return { status: 400, name: 'ServiceQuotaExceededException', message };
    default:
      return { status, name: names.get(status) ?? 'ValidationException', message };
  }
}

function invalid(message: string): Exception {
  return { status: 400, name: 'ValidationException', message };
}

const names: ReadonlyMap<number, string> = new Map([
  [403, 'AccessDeniedException'],
  [404, 'ResourceNotFoundException'],
  [408, 'ModelTimeoutException'],
  [424, 'ModelErrorException'],
  [429, 'ThrottlingException'],
  [500, 'InternalServerException'],
  [503, 'ServiceUnavailableException'],
]);
