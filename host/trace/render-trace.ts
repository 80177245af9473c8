import type { TraceEntry, TurnTrace } from './turn-trace.ts';

/**
 * A turn trace as a Markdown text for people: what was sent, in reading order, then what happened and when, then the
 * request in its very JSON. Everything that came from outside stands in fences that it cannot close.
 */
export function renderTrace(trace: TurnTrace): string {
  const { model, agent, sessionID, messageID, started, request, entries } = trace;
  const head = [
    `# Turn trace`,
    `Model ${model.providerID}/${model.modelID}, agent ${agent}, ${new Date(started).toISOString()}`,
    `Session ${sessionID}, message ${messageID}`,
  ];
  const sent = request
    ? [
        '## Request',
        `\`POST ${request.url}\``,
        fence(headerLines(request.headers)),
        ...bodyLines(request.body),
      ]
    : ['## Request', 'Nothing was sent, or this turn was taken up again after a restart.'];
  const raw = request
    ? ['## Request as sent', fence(JSON.stringify(request.body, undefined, 2), 'json')]
    : [];
  return [...head, '## Timings', timings(entries), ...sent, ...raw, ''].join('\n\n');
}

function timings(entries: readonly TraceEntry[]): string {
  const rows = entries.map(({ at, lasted, name, facts }) => {
    const told = Object.entries(facts).map(([key, value]) => `${key} ${cell(value)}`);
    return `| ${ms(at)} | ${lasted === undefined ? '' : ms(lasted)} | ${cell(name)} | ${told.join(', ')} |`;
  });
  return ['| at | lasted | what | facts |', '| ---: | ---: | --- | --- |', ...rows].join('\n');
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

function cell(value: string | number | boolean): string {
  return String(value)
    .replaceAll(/[\r\n]+/g, ' ')
    .replaceAll('|', '\\|');
}

function headerLines(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
}

/** The messages and tools of a body, whatever its protocol names them; what is not known stands in the JSON below. */
function bodyLines(body: unknown): readonly string[] {
  if (!isRecord(body)) return [];
  const lists = ['system', 'instructions', 'messages', 'input', 'contents'].filter((key) => key in body);
  const { tools } = body;
  return [
    ...lists.flatMap((key) => [`### ${key}`, ...listed(body[key])]),
    ...(Array.isArray(tools)
      ? [`### tools (${tools.length})`, ...tools.map((tool) => fence(pretty(tool), 'json'))]
      : []),
  ];
}

function listed(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [fence(pretty(value))];
  return value.map((item, index) => {
    const role = isRecord(item) && typeof item['role'] === 'string' ? item['role'] : 'item';
    const content = isRecord(item) && typeof item['content'] === 'string' ? item['content'] : item;
    return `**${index + 1}. ${role}**\n\n${fence(pretty(content))}${callsOf(item)}`;
  });
}

/** What stands beside a message's text: its tool calls. */
function callsOf(item: unknown): string {
  if (!isRecord(item) || typeof item['content'] !== 'string') return '';
  const { role: _role, content: _content, ...rest } = item;
  return Object.keys(rest).length === 0 ? '' : `\n\n${fence(pretty(rest), 'json')}`;
}

function pretty(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);
}

const backticks = /`+/g;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Longer than any fence inside. */
function fence(text: string, language = 'text'): string {
  let longest = 2;
  for (const [run] of text.matchAll(backticks)) longest = Math.max(longest, run.length);
  const bars = '`'.repeat(longest + 1);
  return `${bars}${language}\n${text}\n${bars}`;
}
