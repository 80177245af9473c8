import type { SessionID } from '#shared/ids.ts';
import type { ProjectionDatabase } from '../store/database.ts';
import { partOf, storedPart } from './text-projection.ts';

export interface SearchStep {
  readonly id: SessionID;
  readonly query: string;
  /** Where the step before stopped. */
  readonly after?: number;
}

/** One step of a search through a session; without `next` it is through. */
export interface SearchedStep {
  readonly snippet?: string;
  readonly next?: number;
}

/** Texts that one step looks at: the store answers others in between. */
const textsPerStep = 50;
/** Characters of a snippet: few before the words, so that they are seen in a narrow side bar. */
const charsBefore = 16;
const charsAfter = 100;

/**
 * Looks for the words in the next texts of a session's prompts and answers, those that lie outside the index too, case
 * ignored.
 */
export function searchTexts(db: ProjectionDatabase, { id, query, after = 0 }: SearchStep): SearchedStep {
  const words = wordsOf(query);
  const rows = db.all(texts, [id, after, textsPerStep]);
  for (const row of rows) {
    const part = partOf(db, String(row['json']));
    const snippet = part.type === 'text' ? snippetOf(part.text, words) : undefined;
    if (snippet !== undefined) return { snippet };
  }
  const last = rows.at(-1);
  return last && rows.length === textsPerStep ? { next: Number(last['place']) } : {};
}

const texts = `SELECT part.rowid AS place, ${storedPart} AS json FROM part
  JOIN message ON message.id = part.message_id
  WHERE message.session_id = ? AND part.rowid > ? AND part.type = 'text' ORDER BY part.rowid LIMIT ?`;

/** Matches the words as they stand, in upper or lower case. */
export function wordsOf(query: string): RegExp {
  return new RegExp(query.replace(special, '\\$&'), 'iu');
}

const special = /[\\^$.*+?()[\]{}|/]/g;

/** The place with what stands around it, on one line; undefined when the words do not stand there. */
function snippetOf(text: string, words: RegExp): string | undefined {
  const found = words.exec(text);
  if (!found) return undefined;
  const from = Math.max(0, found.index - charsBefore);
  const to = Math.min(text.length, found.index + found[0].length + charsAfter);
  const line = text.slice(from, to).toWellFormed().replace(/\s+/g, ' ').trim();
  return `${from > 0 ? '…' : ''}${line}${to < text.length ? '…' : ''}`;
}
