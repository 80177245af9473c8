import type { Tools } from './reader.ts';
import { afterBlanks, oneAt, withoutBlanks } from './words.ts';

/** What begins a call; its reader begins at `at`. A name that is none of the request's tools makes no call. */
export type CallHead =
  /** `{"name":…,"arguments":` stands there: the arguments begin at `at`. */
  | { readonly type: 'arguments'; readonly name: string; readonly at: number }
  /** A JSON object that begins at `at` and in which the name, if it is not known yet, comes later. */
  | { readonly type: 'object'; readonly name: string | null; readonly at: number }
  /** `<function=NAME>` stands there, with parameters or with one JSON object behind it. */
  | { readonly type: 'function'; readonly name: string; readonly form: 'tags' | 'json'; readonly at: number }
  | Fence;

/** The first line of a block that may hold a call; what is inside begins at `at`. */
export type Fence = {
  readonly type: 'fence';
  readonly label: 'json' | 'tool_call';
  readonly ticks: number;
  /** The tool that is named in front, if the object begins with a name. */
  readonly name: string | null;
  readonly at: number;
};

type Undecided = { readonly type: 'none' } | { readonly type: 'wait' };
export type Head = CallHead | Undecided;

/** `tag-at-line-start`: there `<function=` counts, too. `in-tag`: behind `<tool_call>` or a call inside it. */
export type Place = 'tag' | 'tag-at-line-start' | 'in-tag' | 'fence';

/** `ended`: no more text will come. */
export type Look = { readonly tools: Tools; readonly place: Place; readonly ended: boolean };

export const openTag = '<tool_call>';
export const closeTag = '</tool_call>';
export const functionTag = '<function=';
export const functionClose = '</function>';
export const parameterTag = '<parameter=';
export const parameterClose = '</parameter>';

const none = { type: 'none' } as const;
const wait = { type: 'wait' } as const;

/** How much of a text is looked at: longer no head is, whatever white space it has. */
const headLimit = 1000;

/**
 * What begins at a position of a text; `wait` while more text decides it. A head that is not whole within the limit is
 * none, so that the same text gives the same heads however it is cut.
 */
export function headAt(text: string, from: number, look: Look): Head {
  const view = text.slice(from, from + headLimit);
  const ended = look.ended && text.length - from <= headLimit;
  const head = seen(view, { ...look, ended });
  if (head.type === 'wait') return ended || view.length === headLimit ? none : wait;
  return head.type === 'none' ? none : { ...head, at: head.at + from };
}

function seen(view: string, look: Look): Head {
  if (look.place === 'fence') return fenceHead(view, look);
  if (look.place === 'in-tag') return bodyHead(view, 0, look);
  const tag = oneAt(view, 0, look.place === 'tag' ? [openTag] : [openTag, functionTag]);
  if (tag === openTag) return bodyHead(view, openTag.length, look);
  if (tag === functionTag) return functionHead(view, 0, look);
  return tag === 'wait' ? wait : none;
}

/** What stands inside `<tool_call>`. */
function bodyHead(view: string, from: number, look: Look): Head {
  const at = afterBlanks(view, from);
  const found = oneAt(view, at, ['{', functionTag]);
  if (found === '{') return objectHead(view, at, look);
  if (found === functionTag) return functionHead(view, at, look);
  return found === 'wait' ? wait : none;
}

const named = /\{[\s\u200b\u2060]*"name"[\s\u200b\u2060]*:[\s\u200b\u2060]*"([^"\\]*)"/y;
const nameStart = '{"name":"';
const nameEnd = /["\\]/;
const upToArguments = ['arguments', 'parameters'].map((key) => `,"${key}":{`);
/** With any other key in front an object is not held back: it is none of ours. */
const otherKeys = ['arguments', 'parameters', 'id', 'type'].map((key) => `{"${key}":`);

/** A JSON object that names a tool, from its `{` on. */
function objectHead(view: string, at: number, { tools, ended }: Look): Head {
  named.lastIndex = at;
  const name = named.exec(view)?.[1];
  if (name === undefined) return unnamedHead(view, at);
  if (!tools.has(name)) return none;
  const from = named.lastIndex;
  const rest = withoutBlanks(view.slice(from));
  if (upToArguments.some((words) => rest.startsWith(words)))
    return { type: 'arguments', name, at: view.indexOf('{', from) };
  const isOpen = !ended && upToArguments.some((words) => words.startsWith(rest));
  return isOpen ? wait : { type: 'object', name, at };
}

function unnamedHead(view: string, at: number): Head {
  const start = withoutBlanks(view.slice(at));
  if (otherKeys.some((key) => start.startsWith(key))) return { type: 'object', name: null, at };
  const isOpen = [nameStart, ...otherKeys].some((words) => words.startsWith(start));
  const inName = start.startsWith(nameStart) && !nameEnd.test(start.slice(nameStart.length));
  return isOpen || inName ? wait : none;
}

const functionName = /<function=([^<>\s]+)>/y;
const functionNameStart = /<function=[^<>\s]*$/y;

function functionHead(view: string, at: number, { tools, ended }: Look): Head {
  functionName.lastIndex = at;
  functionNameStart.lastIndex = at;
  const name = functionName.exec(view)?.[1];
  if (name === undefined) return functionNameStart.test(view) ? wait : none;
  if (!tools.has(name)) return none;
  const from = functionName.lastIndex;
  const start = afterBlanks(view, from);
  const found = oneAt(view, start, [parameterTag, functionClose, '{']);
  if (found === '{') return { type: 'function', name, form: 'json', at: start };
  if (found === 'no') return none;
  return found === 'wait' && !ended ? wait : { type: 'function', name, form: 'tags', at: from };
}

const fenceLine = /^(`{3,})[ \t]*(json|tool_call)[ \t]*\r?\n/i;
const fenceLineStart = /^`+[ \t]*([a-z_]*)[ \t]*\r?$/i;
const labels = ['json', 'tool_call'];

function fenceHead(view: string, look: Look): Head {
  const [line = '', ticks = '', label = ''] = fenceLine.exec(view) ?? [];
  if (line === '') return opensFence(view) ? wait : none;
  const start = afterBlanks(view, line.length);
  const brace = oneAt(view, start, ['{']);
  if (brace !== '{') return brace === 'wait' ? wait : none;
  const head = objectHead(view, start, look);
  if (head.type === 'none' || head.type === 'wait') return head;
  const isPlain = label.toLowerCase() === 'json';
  // An object with other keys than a call's is no call here, and need not be held back.
  if (isPlain && head.type === 'object' && !withoutBlanks(view.slice(start)).startsWith('{"arguments":'))
    return none;
  const { name } = head;
  return { type: 'fence', label: isPlain ? 'json' : 'tool_call', ticks: ticks.length, name, at: line.length };
}

function opensFence(start: string): boolean {
  const label = fenceLineStart.exec(start)?.[1]?.toLowerCase();
  return label !== undefined && labels.some((each) => each.startsWith(label));
}
