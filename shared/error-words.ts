import type { MessageError } from './message.ts';
import { type PageWord, pageWords } from './page-words.ts';

/** An error's words: what happened, and what to do next. */
export interface ErrorWords {
  readonly happened: PageWord;
  readonly next: PageWord;
  readonly args: readonly string[];
}

/** Chooses the words for a stored error by its code; the arguments are provider, then model, address or status. */
export function errorWords(error: MessageError): ErrorWords {
  const { code, providerID = '', modelID = '', endpoint = '', agent = '' } = error.data;
  const happened = `error.${code}`;
  const next = `error.${code}.next`;
  if (!isWord(happened) || !isWord(next))
    return { happened: 'error.unknown', next: 'error.unknown.next', args: [] };
  const second: Partial<Record<string, string>> = {
    unreachable: endpoint,
    'credential-withheld': endpoint,
    'agent-unknown': agent,
  };
  return { happened, next, args: [providerID, second[code] ?? modelID] };
}

function isWord(key: string): key is PageWord {
  return Object.hasOwn(pageWords, key);
}
