import type { ToolPart } from '#shared/part.ts';
import type { IconName } from '../controls/icon.tsx';

/** What a call is about, for its one line. */
export type ToolSubject =
  | {
      readonly type: 'file';
      readonly path: string;
      readonly line: number | undefined;
      readonly range: string;
    }
  | { readonly type: 'text'; readonly text: string; readonly isCode: boolean }
  | { readonly type: 'none' };

/** A call's subject: from its arguments, or from those that have streamed in so far. */
export function subjectOf(part: ToolPart): ToolSubject {
  const { state, tool } = part;
  const read = (key: string) => {
    const value = state.input[key];
    if (typeof value === 'string') return value;
    return state.status === 'pending' ? partialArgument(state.raw, key) : undefined;
  };
  const key = subjectKeys[tool];
  const value = key === undefined ? undefined : read(key);
  if (value !== undefined && value !== '' && fileTools.has(tool)) return fileSubject(value, state.input);
  if (value !== undefined && value !== '') {
    const text = tool === 'grep' ? `"${value}"` : value;
    return { type: 'text', text: firstLine(text), isCode: codeTools.has(tool) };
  }
  const title = 'title' in state ? state.title : undefined;
  return title ? { type: 'text', text: firstLine(title), isCode: false } : { type: 'none' };
}

const subjectKeys: Readonly<Record<string, string>> = {
  read: 'filePath',
  edit: 'filePath',
  write: 'filePath',
  glob: 'pattern',
  grep: 'pattern',
  shell: 'command',
  bash: 'command',
  list: 'path',
  webfetch: 'url',
  websearch: 'query',
  task: 'description',
  skill: 'name',
};
const fileTools = new Set(['read', 'edit', 'write']);
const codeTools = new Set(['shell', 'bash', 'grep', 'glob']);

function fileSubject(path: string, input: ToolPart['state']['input']): ToolSubject {
  const offset = input['offset'];
  const limit = input['limit'];
  if (typeof offset !== 'number') return { type: 'file', path, line: undefined, range: '' };
  const range = typeof limit === 'number' ? `:${offset}-${offset + limit - 1}` : `:${offset}`;
  return { type: 'file', path, line: offset, range };
}

function firstLine(text: string): string {
  const [line = '', second] = text.trim().split('\n', 2);
  return second === undefined ? line : `${line} …`;
}

/**
 * One string argument out of JSON that is still streaming in; undefined until it begins. Looks at the beginning
 * only: what names the call stands there, and a long file content must not be searched at each delta.
 */
export function partialArgument(raw: string, key: string): string | undefined {
  const [, written] =
    new RegExp(`"${key}"\\s*:\\s*"((?:[^"\\\\]|\\\\.)*)`, 'u').exec(raw.slice(0, 2_048)) ?? [];
  if (written === undefined) return undefined;
  return written.replace(jsonEscape, (_, code: string) => unescaped[code] ?? code);
}

const jsonEscape = /\\(.)/gu;
const unescaped: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/** The picture of a tool's kind. */
export function iconOf(tool: string): IconName {
  return icons[tool] ?? 'tools';
}

const icons: Readonly<Record<string, IconName>> = {
  read: 'file',
  edit: 'edit',
  apply_patch: 'edit',
  write: 'new-file',
  glob: 'files',
  list: 'files',
  grep: 'search',
  shell: 'terminal',
  bash: 'terminal',
  webfetch: 'globe',
  websearch: 'globe',
  task: 'organization',
  todowrite: 'checklist',
  todoread: 'checklist',
  question: 'question',
};
