import { errorWords } from '#shared/error-words.ts';
import type { ViewEvent } from '#shared/events.ts';
import type { AssistantMessage, MessageInfo } from '#shared/message.ts';
import type { Notice } from '#shared/notice.ts';
import type { Part, RetryPart, ToolPart } from '#shared/part.ts';
import { say } from '#shared/words.ts';
import { noticeLine } from './notice-line.ts';

/** Where a run is told: the answer on standard output, everything about it on standard error. */
export interface Output {
  event(event: ViewEvent): void;
  notice(notice: Notice): void;
  end(): void;
  /** The last turn came to its end without an error. */
  endedWell(): boolean;
}

export interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

type Delta = Extract<ViewEvent, { type: 'message.part.delta' }>;

/** `json`: every event is one line of JSON (the view stream). `text`: the answer as it streams. */
export function createOutput(format: 'text' | 'json', streams: Streams): Output {
  let last: AssistantMessage | undefined;
  const remember = (event: ViewEvent) => {
    if (event.type === 'message.updated' && event.properties.info.role === 'assistant')
      last = event.properties.info;
  };
  const endedWell = () =>
    last?.time.completed !== undefined && last.error === undefined && last.finish === 'stop';
  if (format === 'json') {
    const line = (value: unknown) => void streams.stdout.write(`${JSON.stringify(value)}\n`);
    return {
      event(event) {
        remember(event);
        line(event);
      },
      notice: (notice) => line({ type: 'notice.raised', properties: { notice } }),
      end: () => undefined,
      endedWell,
    };
  }
  return { ...textOutput(streams, remember), endedWell };
}

function textOutput(
  { stdout, stderr }: Streams,
  remember: (event: ViewEvent) => void,
): Omit<Output, 'endedWell'> {
  const reasoning = new Set<string>();
  // What a fold writes is for the model; here it would stand in the middle of the answer.
  const summaries = new Set<string>();
  let open = false;
  let speaking: string | undefined;
  const closeLine = () => {
    if (open) stdout.write('\n');
    open = false;
  };
  const aside = (text: string) => {
    closeLine();
    stderr.write(`${text}\n`);
  };
  const onPart = (part: Part) => {
    if (part.type === 'reasoning') reasoning.add(part.id);
    if (part.type === 'tool') toolLines(part).forEach(aside);
    if (part.type === 'retry') aside(retryLine(part));
  };
  const onMessage = (info: MessageInfo) => {
    if (info.role === 'assistant' && info.summary) summaries.add(info.id);
    errorLines(info).forEach(aside);
  };
  const onDelta = ({ field, messageID, partID, delta }: Delta['properties']) => {
    if (field !== 'text' || summaries.has(messageID)) return;
    if (reasoning.has(partID)) return closeLine();
    // Pieces of one answer go on where the last one ended: a provider cuts them in the middle of a sentence.
    if (messageID !== speaking) closeLine();
    stdout.write(delta);
    speaking = messageID;
    open = true;
  };
  return {
    event(event) {
      remember(event);
      if (event.type === 'message.part.delta') onDelta(event.properties);
      if (event.type === 'message.part.updated') onPart(event.properties.part);
      if (event.type === 'message.updated') onMessage(event.properties.info);
      if (event.type === 'notice.raised') aside(noticeLine(event.properties.notice));
    },
    notice: (notice) => aside(noticeLine(notice)),
    end: closeLine,
  };
}

/** A call is told once, when it is settled. */
function toolLines({ tool, state }: ToolPart): readonly string[] {
  if (state.status === 'completed') return [`  ${tool} ${state.title}`];
  return state.status === 'error' ? [`  ${tool}: ${say({}, `tool.${state.failure}`)}: ${state.error}`] : [];
}

function retryLine({ error, attempt, time }: RetryPart): string {
  const { happened, args } = errorWords(error);
  const seconds = Math.ceil((time.next - time.created) / 1000);
  return `${say({}, happened, args)} ${say({}, 'retry.in', [`${seconds} s`, String(attempt)])}`;
}

function errorLines(info: MessageInfo): readonly string[] {
  if (info.role !== 'assistant') return [];
  const { error, time } = info;
  if (!error || time.completed === undefined || error.name === 'MessageAbortedError') return [];
  const { happened, next, args } = errorWords(error);
  const detail = error.data.message === '' ? [] : [`  ${error.data.message}`];
  return [say({}, happened, args), ...detail, say({}, next, args)];
}
