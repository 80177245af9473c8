import { markedTitle } from '../manage/session-title.ts';

/** The title of a session that an agent works in for another one: what it is to do, and who does it (as OpenCode's). */
export function childTitle(description: string, agent: string): string {
  return markedTitle(description, ` (@${agent} subagent)`);
}
