import type { SessionID } from '#shared/ids.ts';
import type { TextPart } from '#shared/part.ts';
import type { ProjectionDatabase } from '../../store/database.ts';
import { messages } from '../history-projection.ts';

/** How a session began. */
export interface Opening {
  /** The text of the first prompt; undefined while none is in history. */
  readonly prompt: string | undefined;
  /** Provider turns that have ended without an error, counted up to 2. */
  readonly goodTurns: number;
}

export function openingOf(db: ProjectionDatabase, id: SessionID): Opening {
  const [first] = messages(db, firstPrompt, [id]);
  const text = first?.parts.find((part): part is TextPart => part.type === 'text')?.text;
  return { prompt: text, goodTurns: db.all(goodTurns, [id]).length };
}

const firstPrompt = `SELECT id, data FROM message WHERE session_id = ? AND json_extract(data, '$.role') = 'user'
  AND json_extract(data, '$.synthetic') IS NULL ORDER BY seq LIMIT 1`;
const goodTurns = `SELECT 1 FROM message WHERE session_id = ? AND open = 0 AND summary = 0
  AND json_extract(data, '$.role') = 'assistant' AND json_extract(data, '$.error') IS NULL LIMIT 2`;
